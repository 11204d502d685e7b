/** Whatever the text: the parser throws nothing but its own errors, and a program ends in a value or an error of the language. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CELL_OPTIONS, completeness, Module, repr, run, Source, StarlarkError, Thread } from "../../kernel/language/index.ts";
import { drive } from "./drive.ts";
import { program, soup, typedProgram } from "./programs.ts";

const STEPS_MAX = 20_000;

/** Runs a text; only errors of the language may come out. */
export function execute(text: string): void {
  const thread = new Thread({ print: () => undefined, limits: { steps: STEPS_MAX } });
  const module = new Module("fuzz");
  try {
    const value = drive(run(new Source("fuzz", text), module, new Map(), CELL_OPTIONS, thread));
    if (value !== undefined) repr(value);
  } catch (error) {
    if (!(error instanceof StarlarkError)) throw error;
    assert.ok(!error.message.startsWith("internal error"), error.report());
    assert.ok(!(error.cause instanceof TypeError), error.report());
    for (const { line, column } of error.diagnostics) assert.ok(line >= 1 && column >= 1);
  }
  assert.equal(thread.top, undefined);
}

/** The tests, each with so many random texts. */
export function fuzz(runs: number): void {
  test("any text is either parsed or refused with a place", () => {
    fc.assert(
      fc.property(soup, (text) => {
        execute(text);
        completeness(text);
      }),
      { numRuns: runs },
    );
  });

  test("any program ends in a value or in an error of the language", () => {
    fc.assert(fc.property(program, execute), { numRuns: runs });
  });

  test("any expression of the right types ends in a value or in an error of the language", () => {
    fc.assert(fc.property(typedProgram, execute), { numRuns: runs });
  });
}
