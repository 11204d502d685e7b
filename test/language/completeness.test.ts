/** When a console may run what was typed, and how far it indents the next line otherwise. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { completeness } from "../../kernel/language/index.ts";

test("a text is complete, incomplete or invalid as its parse says", () => {
  const cases: [text: string, status: string, indent?: string][] = [
    ["", "complete"],
    ["x = 1", "complete"],
    ["x = 1 # comment", "complete"],
    ["f(1,", "incomplete", ""],
    ["f(", "incomplete", "    "],
    ["x = [", "incomplete", "    "],
    ["def f():", "incomplete", "    "],
    ["def f():\n    return 1", "incomplete", "    "],
    ["def f():\n    if x:", "incomplete", "        "],
    ["def f():\n    return 1\n", "complete"],
    ["def f(): return 1", "complete"],
    ["if x:\n    y\nelse:", "incomplete", "    "],
    ["for x in y:", "incomplete", "    "],
    ['x = """abc', "incomplete", ""],
    ['x = "abc', "invalid"],
    ["x = 1 +", "invalid"],
    ["x = \\", "incomplete", ""],
    ["x = )", "invalid"],
    ["class A:", "invalid"],
    ["x = 1\n  y = 2", "invalid"],
    ["x = lambda:", "invalid"],
  ];
  for (const [text, status, indent = ""] of cases) assert.deepEqual(completeness(text), { status, indent }, JSON.stringify(text));
});
