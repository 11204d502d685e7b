/**
 * The errors of the language. A `Failure` is what an operator or a built-in throws where it has no idea of places; passing
 * the innermost running function it becomes a `StarlarkError` with position and backtrace.
 */
import type { Position, Source } from "./source.ts";

/** One thing that is wrong, where, and perhaps what to do about it. */
export interface Diagnostic {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly hint?: string;
}

/** One active call at the moment of an error: the name of the function and how far it had come. */
export interface Frame {
  readonly name: string;
  readonly position: Position;
}

export interface ErrorDetails {
  readonly backtrace?: readonly Frame[];
  /** Name of the built-in function in which the error arose. */
  readonly builtin?: string | undefined;
  readonly failed?: string | undefined;
  readonly cause?: unknown;
}

/**
 * An error in a text of the language: `syntax` from scanner and parser, `resolve` from the check of names (all of them, in
 * order of the text), `eval` from running it. `message` is the first diagnostic's.
 */
export class StarlarkError extends Error {
  override readonly name = "StarlarkError";
  readonly kind: "syntax" | "resolve" | "eval";
  readonly diagnostics: readonly Diagnostic[];
  /** Active calls, outermost first; empty unless kind is `eval`. */
  readonly backtrace: readonly Frame[];
  readonly builtin?: string;
  /** The text given to `fail`, when that raised the error. */
  readonly failed?: string;

  constructor(kind: StarlarkError["kind"], diagnostics: readonly Diagnostic[], details: ErrorDetails = {}) {
    super(diagnostics[0]?.message ?? "unknown error", details.cause === undefined ? undefined : { cause: details.cause });
    this.kind = kind;
    this.diagnostics = diagnostics;
    this.backtrace = details.backtrace ?? [];
    if (details.builtin !== undefined) this.builtin = details.builtin;
    if (details.failed !== undefined) this.failed = details.failed;
  }

  /** The error as starlark-go prints it: a line for each diagnostic, or the traceback. */
  report(): string {
    if (this.kind !== "eval") return this.diagnostics.map((d) => `${d.file}:${d.line}:${d.column}: ${d.message}`).join("\n");
    const lines = this.backtrace.map(({ name, position: p }) => `  ${p.file}:${p.line}:${p.column}: in ${name}\n`);
    const traceback = lines.length === 0 ? "" : `Traceback (most recent call last):\n${lines.join("")}`;
    return `${traceback}Error${this.builtin === undefined ? "" : ` in ${this.builtin}`}: ${this.message}`;
  }
}

/** An error of evaluation before anybody has said where it happened. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly failed: string | undefined;
  readonly builtin: string | undefined;
  readonly hint: string | undefined;

  constructor(message: string, details: Pick<ErrorDetails, "failed" | "builtin" | "cause"> & { hint?: string | undefined } = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.failed = details.failed;
    this.builtin = details.builtin;
    this.hint = details.hint;
  }
}

/** Thrown into a running generator to stop it: passes through every function unwrapped while their clean-up runs. */
export class Cancelled extends Error {
  override readonly name = "Cancelled";
}

/** A syntax error at an offset of the text. */
export function syntaxError(source: Source, offset: number, message: string, hint?: string): StarlarkError {
  return new StarlarkError("syntax", [diagnostic(source, offset, message, hint)]);
}

export function diagnostic(source: Source, offset: number, message: string, hint?: string): Diagnostic {
  const position = source.position(offset);
  return hint === undefined ? { ...position, message } : { ...position, message, hint };
}

/** Whether an error is the engine's own complaint that its stack is used up. */
export function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message.includes("call stack");
}
