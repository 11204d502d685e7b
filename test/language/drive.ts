/** Drives a computation of the language to its end, answering effects from a table. */
import { TICK } from "../../kernel/language/index.ts";

/** The answer to an effect; without one, an effect is an error of the test. */
export type Answer = (effect: unknown) => unknown;

export function drive<T>(computation: Generator<unknown, T, unknown>, answer?: Answer): T {
  let step = computation.next();
  while (step.done !== true) {
    if (step.value === TICK) step = computation.next();
    else if (answer === undefined) throw new Error(`unexpected effect ${String(step.value)}`);
    else step = computation.next(answer(step.value));
  }
  return step.value;
}
