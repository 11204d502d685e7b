/** From a text to its effects: parses, resolves and executes one chunk in a module. */
import type { Activation } from "./activation.ts";
import { runSuspended } from "./function.ts";
import type { Module } from "./module.ts";
import type { Options } from "./options.ts";
import { parse } from "./parse.ts";
import { resolve } from "./resolve.ts";
import type { FunctionCode } from "./scope.ts";
import type { Source } from "./source.ts";
import type { Thread } from "./thread.ts";
import { isStackOverflow, syntaxError } from "./errors.ts";
import { universe } from "./universe.ts";
import type { Value } from "./value.ts";

/**
 * Executes a text in a module. Names known to it: the module's globals, `predeclared`, the universe. Throws a StarlarkError
 * holding all that is wrong before anything is executed; an error while executing keeps the globals assigned so far. The
 * answer is the value of the last statement when that is an expression, otherwise undefined. Yields effects, see `Thread`.
 */
export function* run(
  source: Source,
  module: Module,
  predeclared: ReadonlyMap<string, Value>,
  options: Options,
  thread: Thread,
): Generator<unknown, Value | undefined, unknown> {
  const code = compile(source, module, predeclared, options);
  const [body, hasValue] = withResult(code);
  const cells = Array.from({ length: code.cells }, () => ({ value: undefined }));
  const activation: Activation = {
    thread,
    code: body,
    free: [],
    locals: new Array<Value | undefined>(code.locals),
    cells,
    caller: thread.top,
    depth: (thread.top?.depth ?? 0) + 1,
    at: code.start,
    result: null,
  };
  const result = yield* runSuspended(activation);
  return hasValue ? result : undefined;
}

/** Parses and resolves only; throws what `run` would throw before executing. */
export function check(source: Source, module: Module, predeclared: ReadonlyMap<string, Value>, options: Options): void {
  compile(source, module, predeclared, options);
}

function compile(source: Source, module: Module, predeclared: ReadonlyMap<string, Value>, options: Options): FunctionCode {
  const statements = parse(source);
  try {
    return resolve(source, statements, { module, predeclared, universe, options });
  } catch (error) {
    throw isStackOverflow(error) ? syntaxError(source, 0, "excessive nesting") : error;
  }
}

/** The code with a final expression statement made into a return, and whether there was one. */
function withResult(code: FunctionCode): [code: FunctionCode, hasValue: boolean] {
  if (code.body.kind !== "block") return [code, true];
  const { statements } = code.body;
  const last = statements.at(-1);
  if (last?.kind !== "expression") return [code, false];
  const { start, end, atOnce, expression } = last;
  const result = { kind: "return", start, end, atOnce, value: expression } as const;
  return [{ ...code, body: { kind: "block", statements: [...statements.slice(0, -1), result] } }, true];
}
