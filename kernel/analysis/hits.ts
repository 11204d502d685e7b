/** What one rule did during a run: from the calls that were reported to the hits that a cell shows. */
import { describeAction } from "../../model/rule.ts";
import type { Rule } from "../../model/rule.ts";
import type { RuleHits } from "../../model/verdict.ts";
import { offPath } from "./path.ts";
import type { Step } from "./path.ts";
import { plural } from "./vacuity.ts";

/** A call as the injector reported it, as far as it matters here. */
export interface SeenCall {
  readonly rule: string;
  readonly time_ms: number;
  readonly ended_ms?: number;
  readonly syscall: string;
  readonly process?: { readonly pid: number; readonly name: string; readonly title: string };
  readonly path?: string;
  readonly to?: { readonly service: string; readonly address: string; readonly port: number };
  readonly serving: readonly string[];
  readonly held_connections?: number;
}

/** How many places are told, the most frequent first. */
const PLACES_MAX = 4;

export function hitsOf(
  rule: Rule,
  calls: readonly SeenCall[],
  steps: readonly Step[],
  carried: { readonly mechanism: string; readonly reset: number },
  passed: Readonly<Record<string, number>>,
): RuleHits {
  const own = calls.filter((call) => call.rule === rule.id);
  const [on, off] = [own.filter((call) => offPath(call, steps) === undefined), own.filter((call) => offPath(call, steps) !== undefined)];
  return {
    rule: rule.id,
    fault: rule.fault,
    service: rule.service,
    keyword: rule.keyword,
    action: describeAction(rule.action),
    mechanism: carried.mechanism,
    fired: on.length,
    elsewhere: frequent(off.map((call) => offPath(call, steps) ?? "")).map(([where, count]) =>
      where.startsWith("outside") ? `${count} ${where}` : `${count} in ${where}`,
    ),
    reset: carried.reset,
    passed,
    where: frequent(on.map((call) => place(call, rule.service))).map(([where, count]) => (count === 1 ? where : `${count} × ${where}`)),
  };
}

/** What must be said of held threads: a delay that stopped more than the real thing would. */
export function heldNote(rule: Rule, calls: readonly SeenCall[]): string | undefined {
  const held = calls.filter((call) => call.rule === rule.id).map((call) => call.held_connections ?? 0);
  const most = Math.max(0, ...held);
  // One connection is the caller's own; a held connect is more than a slow network would do even then.
  return most > (rule.keyword === "connect" ? 0 : 1)
    ? `${rule.fault} held a thread whose process serves ${plural(most, "connection")}: what it would have done for them waited too`
    : undefined;
}

function place(call: SeenCall, service: string): string {
  const what = call.to === undefined ? (call.path ?? "") : `to ${call.to.service} ${call.to.address}:${call.to.port}`;
  const who = call.process === undefined ? "" : `, ${call.process.title || call.process.name} (pid ${call.process.pid})`;
  return `${call.syscall} ${what} by ${service}${who}`;
}

function frequent(texts: readonly string[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a).slice(0, PLACES_MAX);
}
