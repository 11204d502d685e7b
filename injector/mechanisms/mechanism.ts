/**
 * What makes rules true. The injector asks a fixed list in order (packets, notify) and takes the first that carries the
 * rule; notify is last and carries every rule about a system call. `reset` is not a mechanism of rules: arming a rule on
 * connect calls it.
 *
 * Two laws, tested with the same cases for each: counts mean the same, and `close`, or SIGKILL of the injector, leaves a
 * service's calls passing.
 */
import type { Rule } from "../../model/rule.ts";
import type { Availability, Caller, CallReport, RuleCounts, Target } from "../messages.ts";

export interface Armed {
  /** Processes under the mechanism, for the record. */
  readonly processes: number;
  counts(): RuleCounts;
  /** Lifts the rule: what is held goes on at once. Idempotent. */
  close(): Promise<void>;
}

export interface Mechanism {
  readonly name: Availability["mechanism"] & ("notify" | "packets");
  /** Loads or tries something trivial, once; the answer is what `doctor` prints. */
  probe(): Availability;
  /** True, or the reason why this mechanism can't carry this rule here. */
  carries(rule: Rule, target: Target): true | string;
  arm(rule: Rule, target: Target, callers: readonly Caller[], report: (call: CallReport) => void): Promise<Armed>;
}
