/** A program can't take more than it is given: steps, depth, memory of one value, output. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Limits } from "../../kernel/language/index.ts";
import { CELL_OPTIONS, Module, run, Source, Thread } from "../../kernel/language/index.ts";
import { drive } from "./drive.ts";

function execute(text: string, limits: Partial<Limits> = {}, options = CELL_OPTIONS): unknown {
  return drive(run(new Source("cell", text), new Module("test"), new Map(), options, new Thread({ print: () => undefined, limits })));
}

test("steps", () => {
  assert.throws(() => execute("for i in range(1 << 30):\n    pass", { steps: 10_000 }), {
    message: "Starlark computation cancelled: too many steps",
  });
  assert.throws(() => execute("x = [i for i in range(1 << 30)]", { steps: 10_000 }), /too many steps/);
  assert.throws(() => execute("while True:\n    pass", { steps: 10_000 }, { ...CELL_OPTIONS, while: true }), /too many steps/);
  execute("for i in range(1000):\n    pass", { steps: 100_000 });
});

test("depth, with recursion and without", () => {
  const recursive = "def f(n):\n    for x in [n]:\n        if x:\n            return [f(x - 1) + 1 for _ in [0]][0]\n    return 0\nf(";
  const options = { ...CELL_OPTIONS, recursion: true };
  assert.equal(execute(`${recursive}150)`, {}, options), 150);
  assert.throws(() => execute(`${recursive}100000)`, {}, options), { message: "Starlark stack overflow" });
  assert.throws(() => execute(`${recursive}100000)`, { depth: 1_000_000 }, options), { message: "Starlark stack overflow" });
  const chain = Array.from({ length: 300 }, (_, i) => `def f${i}(): return ${i === 0 ? "1" : `[f${i - 1}()][0]`}\n`).join("");
  assert.throws(() => execute(`${chain}f299()`), { message: "Starlark stack overflow" });
});

test("memory of one value", () => {
  assert.throws(() => execute("x = 'a' * (1 << 30)"), /excessive repeat/);
  assert.throws(() => execute("x = [0] * (1 << 25)"), /excessive repeat/);
  assert.throws(() => execute("x = [0]\nfor i in range(40):\n    x = x + x"), /value too large/);
  assert.throws(() => execute("x = [0]\nfor i in range(40):\n    x += x"), /value too large/);
  assert.throws(() => execute("x = 'ab'\nfor i in range(40):\n    x += x"), /value too large/);
  assert.throws(() => execute("x = 3\nfor i in range(40):\n    x = x * x"), /integer too large/);
  assert.throws(() => execute("x = list(range(1 << 40))"), /value too large/);
  assert.throws(() => execute("x = [i for i in range(1 << 40)]"), /value too large/);
  assert.throws(() => execute("x = 'a' * (1 << 20)\nx = x.replace('a', x)"), /value too large/);
  assert.throws(() => execute("x = ['a' * (1 << 20)] * 100\nx = ''.join(x)"), /value too large/);
});

test("output", () => {
  assert.throws(() => execute("for i in range(100):\n    print('x' * 100)", { output: 1000 }), {
    message: "too much output (limit is 1000 characters)",
  });
});

test("values nested deeper than the engine's stack end in an error, not in a crash", () => {
  const nest = "x = []\nfor i in range(100000):\n    x = [x]\n";
  assert.throws(() => execute(`${nest}repr(x)`), { message: "Starlark stack overflow" });
  assert.throws(() => execute(`${nest}x == [x]`), { message: "comparison exceeded maximum recursion depth" });
  const tuple = "x = ()\nfor i in range(100000):\n    x = (x,)\n";
  assert.throws(() => execute(`${tuple}{x: 1}`), { message: "Starlark stack overflow" });
});
