/** What an error says: where, through which calls, what was meant, and what to do instead. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Value } from "../../kernel/language/index.ts";
import {
  builtin,
  CELL_OPTIONS,
  check,
  FILE_OPTIONS,
  HostValue,
  loader,
  Module,
  run,
  snippet,
  Source,
  StarlarkError,
  Thread,
} from "../../kernel/language/index.ts";
import { drive } from "./drive.ts";

function failure(
  text: string,
  predeclared: ReadonlyMap<string, Value> = new Map(),
  thread = new Thread({ print: () => undefined }),
): StarlarkError {
  try {
    drive(run(new Source("cell", text), new Module("test"), predeclared, CELL_OPTIONS, thread));
  } catch (error) {
    assert.ok(error instanceof StarlarkError, String(error));
    return error;
  }
  throw new Error(`no error: ${text}`);
}

const at = (error: StarlarkError): string =>
  error.diagnostics.map(({ line, column, message }) => `${line}:${column} ${message}`).join("; ");

test("a backtrace leads from the cell through every call to the operation that failed", () => {
  const error = failure(
    "def inner(x):\n    return 1 // x\n\ndef outer(x):\n    y = inner(x)\n    return y\n\nz = [outer(v) for v in [1, 0]]",
  );
  assert.equal(error.kind, "eval");
  assert.equal(
    error.report(),
    "Traceback (most recent call last):\n  cell:8:11: in <toplevel>\n  cell:5:14: in outer\n  cell:2:14: in inner\nError: floored division by zero",
  );
  assert.deepEqual(error.diagnostics, [{ file: "cell", line: 2, column: 14, message: "floored division by zero" }]);
});

test("the place of an error is that of its operator", () => {
  const places: [text: string, place: string][] = [
    ["x = 1 + 2 + None", "1:11 unknown binary op: int + NoneType"],
    ["x = [1][5]", "1:8 list index 5 out of range [-1:0]"],
    ["x = {}.nope", "1:7 dict has no .nope field or method"],
    ["x = (\n  len(\n    5))", "2:6 len: value of type int has no len"],
    ["x = -[]", "1:5 unknown unary op: - list"],
    ["x = [y\n     for y in 5]", "2:6 int value is not iterable"],
    ["for x in 5:\n    pass", "1:1 int value is not iterable"],
    ["a, b = 1, 2, 3", "1:6 too many values to unpack (got 3, want 2)"],
    ["x = {1: 2,\n  []: 3}", "2:5 unhashable type: list"],
    ["é = 1; y = é + None", "1:14 unknown binary op: int + NoneType"],
    ["x = 1\nx += None", "2:3 unknown binary op: int + NoneType"],
    ["x = []\nx[0] = 1", "2:2 index 0 out of range: empty list"],
  ];
  for (const [text, place] of places) assert.equal(at(failure(text)), place);
});

test("all names that are wrong are told at once, in the order of the text", () => {
  const error = failure("def f():\n    return a1\nb1()\nx = [c1 for y in d1]");
  assert.equal(error.kind, "resolve");
  assert.deepEqual(
    error.diagnostics.map(({ line, message }) => `${line} ${message.split(" (")[0] ?? ""}`),
    ["2 undefined: a1", "3 undefined: b1", "4 undefined: c1", "4 undefined: d1"],
  );
});

test("a misspelt name finds what the host and earlier cells defined", () => {
  const thread = new Thread({ print: () => undefined });
  const module = new Module("test");
  drive(run(new Source("1", "database = 1"), module, new Map(), CELL_OPTIONS, thread));
  const second = (text: string): void => check(new Source("2", text), module, new Map([["scenario", 1]]), CELL_OPTIONS);
  assert.throws(() => second("databse"), { message: "undefined: databse (did you mean database?)" });
  assert.throws(() => second("scenari"), { message: "undefined: scenari (did you mean scenario?)" });
  assert.throws(() => second("lenn"), { message: "undefined: lenn (did you mean len?)" });
  assert.throws(() => second("zzzzzz"), { message: "undefined: zzzzzz" });
});

test("what people bring along from Python gets a hint", () => {
  const hints: [text: string, hint: RegExp][] = [
    ['x = f"a"', /no f-strings/],
    ["try:\n    pass", /no exceptions to catch/],
    ["import os", /use load/],
    ["class A:\n    pass", /use struct/],
    ["x = 2 ** 3", /no power operator/],
    ["x = a is b", /use ==/],
    ['x = "a" "b"', /use \+/],
    ["raise x", /use fail/],
    ["x = not(1) ! 2", /write `not x`/],
  ];
  for (const [text, hint] of hints) {
    const error = failure(text);
    assert.equal(error.kind, "syntax", text);
    assert.match(error.diagnostics[0]?.hint ?? "", hint, text);
  }
});

test("fail keeps the text it was given", () => {
  const error = failure('fail("stock:", -1)');
  assert.equal(error.message, "fail: stock: -1");
  assert.equal(error.failed, "stock: -1");
  assert.equal(failure("1 // 0").failed, undefined);
});

test("what a host function throws is an error at the call, cause kept", () => {
  const cause = new RangeError("no such port");
  const connect = builtin("connect", ["port"], () => {
    throw cause;
  });
  const error = failure("x = 1\nconnect(5)", new Map([["connect", connect]]));
  assert.equal(error.cause, cause);
  assert.equal(error.report(), "Traceback (most recent call last):\n  cell:2:8: in <toplevel>\nError in connect: no such port");
});

test("arguments of host functions are checked in starlark-go's words", () => {
  const f = builtin("f", ["a", "body?", "*", "c?"], () => null);
  const g = builtin("g", ["a?", "*rest", "**extra"], (args) => args.rest.length * 10 + args.extra.size);
  const messages: [text: string, message: string][] = [
    ["f()", "f: missing argument for a"],
    ["f(1, 2, 3)", "f: got 3 arguments, want at most 2"],
    ["f(1, a = 2)", 'f: got multiple values for keyword argument "a"'],
    ["f(1, bdy = 2)", 'f: unexpected keyword argument "bdy" (did you mean body?)'],
    ["f(**{'a': 1, 'x': 2})", 'f: unexpected keyword argument "x"'],
    ["f(1, 2, c = 3, d = 4)", 'f: unexpected keyword argument "d"'],
  ];
  const known: ReadonlyMap<string, Value> = new Map<string, Value>([
    ["f", f],
    ["g", g],
  ]);
  for (const [text, message] of messages) assert.equal(failure(text, known).message, message);
  assert.match(failure("f(1, 2, 3)", known).diagnostics[0]?.hint ?? "", /c = …/);
  const thread = new Thread({ print: () => undefined });
  assert.equal(drive(run(new Source("cell", "g(1, 2, 3, x = 4)"), new Module("test"), known, CELL_OPTIONS, thread)), 21);
});

test("a value of the host says what it has not", () => {
  class Service extends HostValue {
    readonly type = "service";
    override attr(name: string): Value | undefined {
      return name === "port" ? 80 : undefined;
    }
    override attrNames(): readonly string[] {
      return ["port"];
    }
    repr(): string {
      return "<service>";
    }
  }
  const known: ReadonlyMap<string, Value> = new Map([["s", new Service()]]);
  assert.equal(failure("s.prt", known).message, "service has no .prt field or method (did you mean .port?)");
  assert.equal(failure("s[1]", known).message, "unhandled index operation service[int]");
  assert.equal(failure("{s: 1}", known).message, "unhashable type: service");
  assert.equal(failure("s()", known).message, "invalid call of non-function (service)");
  assert.equal(failure("s + 1", known).message, "unknown binary op: service + int");
  assert.equal(failure("for x in s:\n    pass", known).message, "service value is not iterable");
});

test("files that load each other in a circle are refused, and a broken one is told with its place", () => {
  const files: Readonly<Record<string, string>> = {
    "a.star": 'load("b.star", "b")\na = 1',
    "b.star": 'load("a.star", "a")\nb = 1',
    "broken.star": "x = 1\ny = x + None",
  };
  const thread = (): Thread =>
    new Thread({
      print: () => undefined,
      load: loader({
        // eslint-disable-next-line require-yield
        *read(name) {
          const text = files[name];
          if (text === undefined) throw new Error("no such file");
          return new Source(name, text);
        },
      }),
    });
  assert.match(failure('load("a.star", "a")', new Map(), thread()).message, /cycle in load graph: a\.star -> b\.star -> a\.star/);
  const broken = failure('load("broken.star", "x")', new Map(), thread());
  assert.equal(broken.message, "cannot load broken.star: unknown binary op: int + NoneType");
  assert.ok(broken.cause instanceof StarlarkError);
  assert.equal(at(broken.cause), "2:7 unknown binary op: int + NoneType");
  assert.equal(failure('load("none.star", "x")', new Map(), thread()).message, "cannot load none.star: no such file");
  assert.equal(failure('load("x.star", "x")').message, "load not implemented by this application");
});

test("a snippet shows the line with a caret below the place", () => {
  const source = new Source("cell", "x = 1\n\té😀 = x + None\n");
  assert.equal(snippet(source, { file: "cell", line: 2, column: 9 }), "\té😀 = x + None\n\t       ^");
  assert.equal(source.line(3), "");
  assert.equal(new Source("cell", "a\r\nb\rc").line(3), "c");
});

test("names that a cell assigned before its error are kept; a file's are checked as strictly as a file's", () => {
  const module = new Module("test");
  const thread = new Thread({ print: () => undefined });
  assert.throws(() => drive(run(new Source("cell", "kept = 1\nfail('x')\nlost = 2"), module, new Map(), CELL_OPTIONS, thread)));
  assert.deepEqual([...module.globals.keys()], ["kept"]);
  assert.throws(() => check(new Source("file", "x = 1\nx = 2"), new Module("file"), new Map(), FILE_OPTIONS), /cannot reassign global x/);
});
