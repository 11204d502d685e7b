/**
 * Whatever the text: the parser throws nothing but its own errors, and a program ends in a value or an error of the language.
 * Seconds here; FAULTBOOK_LONG=1, which `test --long` sets, makes it minutes.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CELL_OPTIONS, completeness, Module, repr, run, Source, StarlarkError, Thread } from "../../kernel/language/index.ts";
import { drive } from "./drive.ts";
import { program, soup, typedProgram } from "./programs.ts";

const RUNS = process.env["FAULTBOOK_LONG"] === undefined ? 1500 : 150_000;
const STEPS_MAX = 20_000;

/** Runs a text; only errors of the language may come out. */
function execute(text: string): void {
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

test("any text is either parsed or refused with a place", () => {
  fc.assert(
    fc.property(soup, (text) => {
      execute(text);
      completeness(text);
    }),
    { numRuns: RUNS },
  );
});

test("any program ends in a value or in an error of the language", () => {
  fc.assert(fc.property(program, execute), { numRuns: RUNS });
});

test("any expression of the right types ends in a value or in an error of the language", () => {
  fc.assert(fc.property(typedProgram, execute), { numRuns: RUNS });
});

test("texts nested without measure are refused, not run into the ground", () => {
  const nested = ["(", "[", "{0:", "-", "not ", "lambda: ", "f(", "[x for x in ", "x if x else "].map((open) => open.repeat(20_000));
  for (const text of [
    ...nested,
    `${"1+".repeat(20_000)}1`,
    `x = ${"a.b".repeat(20_000)}`,
    "if x:\n ".repeat(5000),
    `${"[".repeat(150)}${"]".repeat(150)}`,
  ])
    execute(text);
});
