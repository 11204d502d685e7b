/**
 * A rule is a fault as data: what shall happen to which system calls of one service. A mechanism of the injector makes it
 * true; the spec, the record and the pictures only ever speak of the rule.
 */
import type { ErrnoName } from "./errno.ts";
import { errnoText } from "./errno.ts";
import { formatDuration } from "./duration.ts";
import type { Keyword } from "./families.ts";

/** The call fails with this errno. */
export interface Deny {
  readonly kind: "deny";
  readonly errno: ErrnoName;
}

/** The call is made after this time. */
export interface Delay {
  readonly kind: "delay";
  readonly ms: number;
}

export type Action = Deny | Delay;

/** Where connections lead: the addresses of a service (read when the rule is armed) and the port of an interface. */
export interface Endpoint {
  readonly service: string;
  /** IPv4 addresses in dotted form. */
  readonly addresses: readonly string[];
  readonly port: number;
}

export interface Rule {
  /** Unique among armed rules. */
  readonly id: string;
  /** The assumption's name, under which events and cells show it. */
  readonly fault: string;
  /** The service whose calls are acted on; the caller, for `connect`. */
  readonly service: string;
  /** As the spec wrote it. */
  readonly keyword: Keyword;
  readonly action: Action;
  /** For `connect`: only connects to these. Absent for other keywords. */
  readonly to?: readonly Endpoint[];
  /** For `connect`: whether connections that stand between the ends are reset when the rule is armed. */
  readonly established: "reset" | "keep";
}

/** An action as the record shows it: `deny(connection refused)`, `delay(3 s)`. */
export function describeAction(action: Action): string {
  switch (action.kind) {
    case "deny":
      return `deny(${errnoText(action.errno)})`;
    case "delay":
      return `delay(${formatDuration(action.ms)})`;
  }
}

/** A rule for a person: `connect of api to db: deny(connection refused)`. */
export function describeRule(rule: Rule): string {
  const to = rule.to === undefined ? "" : ` to ${rule.to.map((end) => end.service).join(", ")}`;
  return `${rule.keyword} of ${rule.service}${to}: ${describeAction(rule.action)}`;
}
