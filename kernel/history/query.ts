/** Filters over events: which of them a spec means by `service="db", decision="deny*"`. */
import type { Event } from "../../model/event.ts";
import { globMatches } from "../../model/glob.ts";

export type Filters = ReadonlyMap<string, string>;

/** Names that a filter may always use, whether or not such an event was seen yet. */
export const KNOWN_FIELDS: readonly string[] = [
  "type",
  "service",
  "target",
  "interface",
  "protocol",
  "method",
  "status",
  "outcome",
  "error",
  "syscall",
  "keyword",
  "decision",
  "errno",
  "fault",
  "rule",
  "pid",
  "process",
  "path",
  "scenario_path",
  "held",
  "mechanism",
  "line",
  "monitor",
];

/**
 * Whether all filters hold. `type` is a field like any other. `service` also finds a decision on a call *to* the service:
 * "what was denied at db" is meant whichever end made the call. A field that an event lacks matches nothing.
 */
export function matches(event: Event, filters: Filters): boolean {
  for (const [name, pattern] of filters) {
    if (name === "type") {
      if (!globMatches(pattern, event.type)) return false;
    } else if (name === "service") {
      const target = event.type === "syscall" ? event.fields["target"] : undefined;
      if (!globMatches(pattern, event.service) && (target === undefined || !globMatches(pattern, target))) return false;
    } else {
      const value = event.fields[name];
      if (value === undefined || !globMatches(pattern, value)) return false;
    }
  }
  return true;
}
