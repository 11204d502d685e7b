/**
 * Did the fault fire where it matters? A fault that never fired must never look like a pass: this says so, with a reason
 * that a person can check by hand. `notes/false-greens` of the design lists what goes wrong otherwise.
 */
import type { RuleHits } from "../../model/verdict.ts";

/** What was seen of a rule besides its hits, to explain why there were none. */
export interface Surroundings {
  readonly hits: RuleHits;
  /** For `connect`: to which services. */
  readonly to: readonly string[];
  /** The acting service's established connections to those services when the rule was lifted. */
  readonly connections: number;
}

/**
 * Why the cell is bypassed, or undefined when every keyword of the fault fired on the scenario's path. Several rules of one
 * keyword (two services that depend on one database) are one fault to the author: one hit among them is enough.
 */
export function bypassed(rules: readonly Surroundings[]): string | undefined {
  const groups = Map.groupBy(rules, ({ hits }) => `${hits.fault}\0${hits.keyword}`);
  for (const group of groups.values()) {
    if (group.some(({ hits }) => hits.fired > 0)) continue;
    return group.map(explain).join("; ");
  }
  return undefined;
}

function explain({ hits, to, connections }: Surroundings): string {
  if (hits.elsewhere.length > 0)
    return `${hits.keyword} of ${hits.service} fired only off the scenario's path: ${hits.elsewhere.join(", ")}`;
  if (hits.keyword === "connect") {
    const ends = to.join(", ");
    const reset = hits.reset > 0 ? `, after ${plural(hits.reset, "standing connection")} had been reset` : "";
    const kept = connections > 0 ? `; ${plural(connections, "connection")} to it stand` : "";
    return `${hits.service} made no connect to ${ends} while the fault was armed${reset}${kept}`;
  }
  const passed = Object.entries(hits.passed).map(([reason, count]) => `${count} ${reason}`);
  if (passed.length > 0) return `${hits.service} made no ${hits.keyword} that ${hits.action} can happen to; seen and let pass: ${passed.join(", ")}`;
  return `${hits.service} made no ${hits.keyword} call while the fault was armed`;
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
