/** Random texts and programs for a second or two; `fuzz.long.test.ts` goes on for minutes. */
import { test } from "node:test";
import { execute, fuzz } from "./fuzz.ts";

fuzz(1500);

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
