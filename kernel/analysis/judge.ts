/** From what a run came to, to its verdict. Pure; the order of the questions is the order of their weight. */
import type { Verdict } from "../../model/verdict.ts";

export interface Findings {
  /** The scenario itself raised, with its message. */
  readonly raised?: string;
  /** The scenario raised because an assertion of its own failed. */
  readonly asserted?: string;
  /** A monitor said so by fail(). */
  readonly violations: readonly string[];
  /** A monitor, predicate or expectation raised something else than its verdict; never "not violated". */
  readonly broken: readonly string[];
  /** Our own machinery was not whole during the run: "the injector died". */
  readonly impaired?: string;
  /** Why the fault did not fire on the scenario's path. */
  readonly bypassed?: string;
  /** The expectation that did not hold. */
  readonly expectation?: string;
}

export interface Judgement {
  readonly verdict: Verdict;
  readonly reason: string;
}

export function judge(found: Findings): Judgement {
  if (found.impaired !== undefined) return { verdict: "errored", reason: found.impaired };
  if (found.violations[0] !== undefined) return { verdict: "failed", reason: found.violations.join("; ") };
  if (found.broken[0] !== undefined) return { verdict: "errored", reason: found.broken.join("; ") };
  if (found.asserted !== undefined) return { verdict: "failed", reason: found.asserted };
  if (found.raised !== undefined) return { verdict: "errored", reason: `the scenario raised: ${found.raised}` };
  if (found.bypassed !== undefined) {
    const also = found.expectation === undefined ? "" : `; so its expectation did not hold: ${found.expectation}`;
    return { verdict: "bypassed", reason: found.bypassed + also };
  }
  if (found.expectation !== undefined) return { verdict: "expectation violated", reason: found.expectation };
  return { verdict: "passed", reason: "" };
}
