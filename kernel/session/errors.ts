/** How an error is shown: where (cell, line, column, the line with a caret), what was seen, and what to do next. */
import { Problem } from "../../model/problem.ts";
import { Cancelled, snippet, StarlarkError } from "../language/index.ts";
import type { Source } from "../language/index.ts";
import { AssertionFailed } from "../spec/assertions.ts";

export interface ShownError {
  readonly ename: string;
  readonly evalue: string;
  readonly traceback: readonly string[];
}

/** Texts that were evaluated, by name, so that a place can be shown with its line. */
export type Sources = ReadonlyMap<string, Source>;

export function showError(error: unknown, sources: Sources): ShownError {
  if (error instanceof Cancelled) {
    return {
      ename: "KeyboardInterrupt",
      evalue: "interrupted",
      traceback: ["KeyboardInterrupt: interrupted; every fault of this cell is lifted"],
    };
  }
  if (error instanceof StarlarkError) return showStarlark(error, sources);
  if (error instanceof Problem) return { ename: error.code, evalue: error.message, traceback: described(error) };
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error && error.stack !== undefined ? error.stack.split("\n").slice(1) : [];
  return {
    ename: "InternalError",
    evalue: message,
    traceback: [`InternalError: ${message}`, "  This is a fault of faultbook's own, not of the system under test.", ...stack],
  };
}

function showStarlark(error: StarlarkError, sources: Sources): ShownError {
  const places = error.diagnostics.flatMap((found) => {
    const source = sources.get(found.file);
    const at = `${found.file}, line ${found.line}, column ${found.column}`;
    return source === undefined ? [at] : [at, ...snippet(source, found).split("\n")];
  });
  const calls = error.backtrace
    .slice(0, -1)
    .map((frame) => `  called from ${frame.name} at ${frame.position.file}, line ${frame.position.line}`)
    .reverse();
  if (error.cause instanceof Problem) {
    return { ename: error.cause.code, evalue: error.cause.message, traceback: [...places, ...calls, ...described(error.cause)] };
  }
  const ename = { syntax: "SyntaxError", resolve: "NameError", eval: "EvalError" }[error.kind];
  const message = explain(error);
  const told = error.diagnostics.length > 1 ? error.diagnostics.map((one) => `line ${one.line}: ${one.message}`) : [message];
  const hints = error.diagnostics.flatMap((one) => (one.hint === undefined ? [] : [`  ${one.hint}`]));
  return { ename, evalue: message, traceback: [...places, ...calls, ...told.map((line) => `${ename}: ${line}`), ...hints] };
}

function described(problem: Problem): string[] {
  const theirs = problem.blame === "faultbook" ? ["  This is a fault of faultbook's own, not of the system under test."] : [];
  return [`${problem.code}: ${problem.message}`, ...problem.hint.split("\n").map((line) => `  ${line}`), ...theirs];
}

/** The problem that an error is, or that a function of the spec ran into. */
export function problemOf(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error;
  return error instanceof StarlarkError && error.cause instanceof Problem ? error.cause : undefined;
}

/** The message of an error raised while a function of the spec ran, without its place. */
export function explain(error: unknown): string {
  if (error instanceof StarlarkError) {
    if (error.failed !== undefined) return error.failed;
    if (error.cause instanceof AssertionFailed || error.cause instanceof Problem) return error.cause.message;
    return error.diagnostics[0]?.message ?? error.message;
  }
  return error instanceof Error ? error.message : String(error);
}

/** The message with the line of the spec that raised it: "expected 503, got 200 (Cell In[5], line 7)". */
export function explainWithPlace(error: unknown): string {
  const at = error instanceof StarlarkError ? error.diagnostics[0] : undefined;
  return at === undefined ? explain(error) : `${explain(error)} (${at.file}, line ${at.line})`;
}
