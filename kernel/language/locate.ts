/** Gives an error its place: turns what was thrown somewhere within into a StarlarkError with backtrace. */
import type { Activation } from "./activation.ts";
import type { Frame } from "./errors.ts";
import { Cancelled, Failure, isStackOverflow, StarlarkError } from "./errors.ts";

/** Notes the built-in function in which an error arose. */
export function blame(error: unknown, builtin: string): unknown {
  if (error instanceof StarlarkError || error instanceof Cancelled) return error;
  const failure = toFailure(error);
  if (failure.builtin !== undefined) return failure;
  const { message, failed, hint, cause } = failure;
  return new Failure(message, { failed, hint, cause, builtin });
}

/** The error as it leaves the function that is active. */
export function locate(error: unknown, active: Activation): unknown {
  if (error instanceof StarlarkError || error instanceof Cancelled) return error;
  const failure = toFailure(error);
  const backtrace = frames(active);
  const position = active.code.source.position(active.at);
  const found =
    failure.hint === undefined ? { ...position, message: failure.message } : { ...position, message: failure.message, hint: failure.hint };
  return new StarlarkError("eval", [found], { backtrace, builtin: failure.builtin, failed: failure.failed, cause: failure.cause });
}

/** The error as it reaches the host: also what arose outside any function of the language has its form. */
export function atHost(error: unknown, active: Activation | undefined): unknown {
  if (active !== undefined) return locate(error, active);
  if (error instanceof StarlarkError || error instanceof Cancelled) return error;
  const { message, builtin, failed, cause } = toFailure(error);
  return new StarlarkError("eval", [{ file: "<builtin>", line: 1, column: 1, message }], { builtin, failed, cause });
}

function toFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (isStackOverflow(error)) return new Failure("Starlark stack overflow");
  return new Failure(error instanceof Error ? error.message : String(error), { cause: error });
}

/** The active functions, outermost first. */
function frames(active: Activation): Frame[] {
  const found: Frame[] = [];
  for (let a: Activation | undefined = active; a !== undefined; a = a.caller) {
    found.push({ name: a.code.name, position: a.code.source.position(a.at) });
  }
  return found.reverse();
}
