/** What a program does to the world: effects go out through the generator unchanged, answers come back in. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Value } from "../../kernel/language/index.ts";
import {
  builtin,
  Cancelled,
  CELL_OPTIONS,
  List,
  Module,
  repr,
  run,
  Source,
  StarlarkError,
  Thread,
  TICK,
} from "../../kernel/language/index.ts";
import { drive } from "./drive.ts";

/** A host function whose effect is its argument and whose value is the answer. */
const ask = builtin("ask", ["x"], function* (args) {
  const answer = yield { ask: repr(args.get("x") ?? null) };
  return typeof answer === "number" || typeof answer === "string" ? answer : null;
});
const predeclared: ReadonlyMap<string, Value> = new Map([["ask", ask]]);

function silent(): Thread {
  return new Thread({ print: () => undefined });
}

function start(text: string, thread = silent(), module = new Module("test")): Generator<unknown, Value | undefined, unknown> {
  return run(new Source("cell", text), module, predeclared, CELL_OPTIONS, thread);
}

/** The effects of a program in order; each is answered by its number, from 10 on. */
function effects(text: string): { asked: string[]; value: string } {
  const asked: string[] = [];
  const value = drive(start(text), (effect) => {
    assert.ok(typeof effect === "object" && effect !== null && "ask" in effect);
    asked.push(String(effect.ask));
    return 9 + asked.length;
  });
  return { asked, value: repr(value ?? null) };
}

test("an effect suspends wherever a call may stand, in the order of evaluation", () => {
  const places: [text: string, asked: string[], value: string][] = [
    ["ask(1) + ask(2) * ask(3)", ["1", "2", "3"], "142"],
    ["[ask(1), ask(2)][ask(0) - 11]", ["1", "2", "0"], "11"],
    ["{ask(1): ask(2)}", ["1", "2"], "{10: 11}"],
    ["(ask(1), -ask(2), not ask(3))", ["1", "2", "3"], "(10, -11, False)"],
    ["ask(1) if ask(2) else ask(3)", ["2", "1"], "11"],
    ["ask(1) and ask(2) or ask(3)", ["1", "2"], "11"],
    ["[ask(x) for x in [1, 2] if ask(0)]", ["0", "1", "0", "2"], "[11, 13]"],
    ["{ask(x): y for x in [1, 2] for y in [ask(9)]}", ["9", "1", "9", "2"], "{11: 10, 13: 12}"],
    ["sorted([1, 2, 3], key = lambda x: -ask(x))", ["1", "2", "3"], "[3, 2, 1]"],
    ["max([1, 2], key = ask)", ["1", "2"], "2"],
    ["(lambda x = ask(1): x)()", ["1"], "10"],
    ['"abc"[ask(1) - 9:ask(2) - 8]', ["1", "2"], '"bc"'],
    ['"%d" % ask(1)', ["1"], '"10"'],
    ["struct(a = ask(1)).a", ["1"], "10"],
    ["max(*[ask(1)], **{}) if False else max(ask(1), *[ask(2)])", ["1", "2"], "11"],
    ["def f(x = ask(1)):\n    return x + ask(x)\nf()", ["1", "10"], "21"],
    ["def f():\n    for x in range(2):\n        if ask(x) == 11:\n            return x\nf()", ["0", "1"], "1"],
    ["x = [0]\nx[ask(0) - 11] = ask(1)\nx", ["1", "0"], "[10]"],
    ["x = [5, 6]\nx[ask(0) - 10] += ask(1)\nx", ["0", "1"], "[16, 6]"],
    ["a, b = ask(1), ask(2)\n(b, a)", ["1", "2"], "(11, 10)"],
    ["x = 1\nx += ask(2)\nx", ["2"], "11"],
    ["getattr(ask, 'none', ask(1))", ["1"], "10"],
  ];
  for (const [text, asked, value] of places) assert.deepEqual(effects(text), { asked, value }, text);
});

test("a recorded list of answers replays a run without the world", () => {
  const text = "def f(n):\n    return [ask(i) for i in range(n)]\ntotal = 0\nfor x in f(5):\n    total += x * len(f(2))\ntotal";
  const record: unknown[] = [];
  let seed = 7;
  const first = drive(start(text), () => {
    seed = (seed * 48271) % 2147483647;
    record.push(seed);
    return seed;
  });
  const answers = record.values();
  assert.equal(
    drive(start(text), () => answers.next().value),
    first,
  );
  assert.equal(answers.next().done, true);
});

test("functions on threads of their own take turns as the driver likes", () => {
  const module = new Module("test");
  const main = silent();
  drive(start("log = []\ndef f(name):\n    for i in range(2):\n        log.append((name, ask(i)))", main, module));
  const f = module.globals.get("f") ?? null;
  const threads = ["a", "b"].map((name) => main.fork().call(f, [name]));
  for (const thread of threads) thread.next();
  for (const answer of [1, 2]) for (const thread of threads) thread.next(answer);
  assert.equal(repr(module.globals.get("log") ?? null), '[("a", 1), ("b", 1), ("a", 2), ("b", 2)]');
});

test("an error that the driver throws in is one of the language at the call, and keeps its cause", () => {
  const computation = start("def f():\n    x = [1]\n    return [ask(v) for v in x]\nf()");
  computation.next();
  const cause = new Error("connection refused");
  assert.throws(
    () => computation.throw(cause),
    (error) => {
      assert.ok(error instanceof StarlarkError);
      assert.equal(error.cause, cause);
      assert.equal(
        error.report(),
        "Traceback (most recent call last):\n  cell:4:2: in <toplevel>\n  cell:3:16: in f\nError in ask: connection refused",
      );
      return true;
    },
  );
});

test("cancelling passes through unwrapped, and clean-up runs on the way", () => {
  let cleaned = false;
  const guarded = builtin("guarded", ["f"], function* (args, thread) {
    try {
      return yield* thread.call(args.get("f") ?? null, []);
    } finally {
      cleaned = true;
      yield "undone";
    }
  });
  const thread = silent();
  const module = new Module("test");
  const text = "items = [1]\ndef f():\n    for i in items:\n        ask(i)\nguarded(f)";
  const computation = run(new Source("cell", text), module, new Map([...predeclared, ["guarded", guarded]]), CELL_OPTIONS, thread);
  computation.next();
  const cancelled = new Cancelled("interrupted");
  assert.equal(computation.throw(cancelled).value, "undone");
  assert.ok(cleaned);
  assert.throws(
    () => computation.next(),
    (error) => error === cancelled,
  );
  assert.equal(thread.position(), undefined);
  const items = module.globals.get("items");
  assert.ok(items instanceof List);
  items.append(2);
});

test("whatever runs long gives the driver its turn, and can be cancelled there", () => {
  const long = [
    "for i in range(1 << 40):\n    x = i",
    "x = [i for i in range(1 << 40)]",
    "def f():\n    for i in range(1 << 40):\n        len([])\nf()",
    "x = any([False for i in range(1 << 40)])",
    "x = list(range(3000000))",
    "x = max(range(1 << 40))",
    "x = all(range(1, 1 << 40))",
    "x = sorted(range(1000000), key = lambda v: -v)",
    "x = zip(range(1000000), range(1000000))",
    "x = enumerate(range(1000000))",
    "x = set(range(1000000))",
  ];
  for (const text of long) {
    const thread = silent();
    const computation = start(text, thread);
    for (let i = 0; i < 20; i++) assert.deepEqual(computation.next(), { value: TICK, done: false }, text);
    const cancelled = new Cancelled("interrupted");
    assert.throws(
      () => computation.throw(cancelled),
      (error) => error === cancelled,
      text,
    );
    assert.equal(thread.top, undefined);
  }
});
