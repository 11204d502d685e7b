/**
 * Runs a function of the spec: takes what its generator yields, performs effects, gives the event loop its turn, and throws
 * an interrupt into the generator so that its own clean-up runs.
 */
import { setImmediate } from "node:timers/promises";
import type { Effect } from "../spec/effects.ts";
import { isEffect } from "../spec/effects.ts";
import { Cancelled, TICK } from "../language/index.ts";

/** How long the event loop may be kept waiting. */
const TURN_MS = 8;
/** When the event loop last had its turn: many short functions in a row keep it waiting as one long one does. */
let turn_ms = performance.now();

async function giveTurn(): Promise<void> {
  await setImmediate();
  turn_ms = performance.now();
}

export type Perform = (effect: Effect) => Promise<unknown>;

export async function drive<T>(generator: Generator<unknown, T, unknown>, perform: Perform, signal: AbortSignal): Promise<T> {
  if (performance.now() - turn_ms > TURN_MS) await giveTurn();
  let step = generator.next();
  let thrown = false;
  while (step.done !== true) {
    if (signal.aborted && !thrown) {
      thrown = true;
      step = generator.throw(new Cancelled());
    } else if (step.value === TICK) {
      if (performance.now() - turn_ms > TURN_MS) await giveTurn();
      if (!signal.aborted || thrown) step = generator.next();
    } else if (isEffect(step.value)) {
      const answer = await outcome(perform(step.value));
      turn_ms = performance.now();
      if (signal.aborted && !thrown) continue;
      step = answer.ok ? generator.next(answer.value) : generator.throw(answer.error);
    } else {
      throw new Error(`the language yielded something that is neither a tick nor an effect: ${String(step.value)}`);
    }
  }
  return step.value;
}

type Outcome = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: unknown };

async function outcome(promise: Promise<unknown>): Promise<Outcome> {
  try {
    return { ok: true, value: await promise };
  } catch (error) {
    return { ok: false, error };
  }
}
