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
    const off = group.flatMap(({ hits }) => hits.elsewhere.map((where) => `${hits.service}: ${where}`));
    if (off.length > 0) return `${keywordOf(group)} fired only off the scenario's path: ${off.join(", ")}`;
    return keywordOf(group) === "connect" ? noConnect(group) : group.map(noCall).join("; ");
  }
  return undefined;
}

function keywordOf(group: readonly Surroundings[]): string {
  return group[0]?.hits.keyword ?? "";
}

function noConnect(group: readonly Surroundings[]): string {
  const callers = group.map(({ hits }) => hits.service);
  const who =
    callers.length === 1
      ? `no connect of ${callers.join("")}`
      : `no connect of ${callers.slice(0, -1).join(", ")} or ${callers.at(-1) ?? ""}`;
  const ends = [...new Set(group.flatMap(({ to }) => to))].join(", ");
  const reset = sum(group.map(({ hits }) => hits.reset));
  const standing = sum(group.map(({ connections }) => connections));
  const passed = new Map<string, number>();
  for (const [reason, count] of group.flatMap(({ hits }) => Object.entries(hits.passed)))
    passed.set(reason, (passed.get(reason) ?? 0) + count);
  const told = [
    ...[...passed].map(([reason, count]) => `let pass: ${count} ${reason}`),
    ...(reset > 0 ? [`${plural(reset, "standing connection")} had been reset`] : []),
    ...(standing > 0 ? [`${plural(standing, "connection")} still stood`] : []),
  ];
  return `${who} to ${ends} while the fault was armed${told.length === 0 ? "" : `; ${told.join(", ")}`}`;
}

function noCall({ hits }: Surroundings): string {
  const passed = Object.entries(hits.passed).map(([reason, count]) => `${count} ${reason}`);
  if (passed.length > 0) return `no ${hits.keyword} of ${hits.service} that can fail so; let pass: ${passed.join(", ")}`;
  return `no ${hits.keyword} call of ${hits.service} while the fault was armed`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
