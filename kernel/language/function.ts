/** Runs functions, and makes function values of `def` and `lambda`. */
import type { Activation } from "./activation.ts";
import { Failure } from "./errors.ts";
import { evaluateAtOnce, evaluate } from "./evaluate.ts";
import { executeAtOnce, execute } from "./execute.ts";
import { locate } from "./locate.ts";
import type { FunctionCode } from "./scope.ts";
import { isSuspension, itemAt } from "./value.ts";
import type { Suspension, Value } from "./value.ts";
import { StarlarkFunction } from "./values/function.ts";

/** Runs a function whose body can't suspend. */
export function runAtOnce(a: Activation): Value {
  try {
    const { body } = a.code;
    if (body.kind === "value") return evaluateAtOnce(a, body.expression);
    executeAtOnce(a, body.statements);
    return a.result;
  } catch (error) {
    throw locate(error, a);
  }
}

/** Runs a function as a computation of its own. */
export function* runSuspended(a: Activation): Suspension {
  const { thread } = a;
  const { body } = a.code;
  thread.top = a;
  try {
    if (thread.budget < 0) yield* thread.tick();
    if (body.kind === "value") {
      const value = evaluate(a, body.expression);
      return isSuspension(value) ? yield* value : value;
    }
    yield* execute(a, body.statements);
    return a.result;
  } catch (error) {
    throw locate(error, a);
  } finally {
    thread.top = a.caller;
  }
}

export function makeFunction(a: Activation, code: FunctionCode | undefined, defaults: readonly (Value | undefined)[]): Value {
  if (code === undefined) throw new Failure("internal error: function without code");
  const free = code.free.map(({ scope, cell, index: place }) => (scope === "cell" ? itemAt(a.cells, cell) : itemAt(a.free, place)));
  return new StarlarkFunction(code, defaults, free);
}

/** Values of defaults, one place for each ordinary parameter. */
export function* evaluateDefaults(a: Activation, code: FunctionCode | undefined): Generator<unknown, (Value | undefined)[], unknown> {
  const defaults: (Value | undefined)[] = [];
  for (const parameter of code?.parameters ?? []) {
    if (parameter.kind !== "plain") continue;
    if (parameter.default === undefined) defaults.push(undefined);
    else {
      const value = evaluate(a, parameter.default);
      defaults.push(isSuspension(value) ? yield* value : value);
    }
  }
  return defaults;
}

export function defaultsAtOnce(a: Activation, code: FunctionCode | undefined): (Value | undefined)[] {
  const defaults: (Value | undefined)[] = [];
  for (const parameter of code?.parameters ?? []) {
    if (parameter.kind !== "plain") continue;
    defaults.push(parameter.default === undefined ? undefined : evaluateAtOnce(a, parameter.default));
  }
  return defaults;
}
