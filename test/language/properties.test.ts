/** Laws that hold for all values, against JavaScript's own exact arithmetic where that knows the answer. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Value } from "../../kernel/language/index.ts";
import {
  Bytes,
  CELL_OPTIONS,
  Dict,
  equals,
  Float,
  fromJson,
  List,
  Module,
  repr,
  run,
  Source,
  StarlarkSet,
  str,
  Thread,
  toJson,
  Tuple,
} from "../../kernel/language/index.ts";
import { drive } from "./drive.ts";

function evaluate(text: string, known: Readonly<Record<string, Value>> = {}): Value {
  const value = drive(
    run(new Source("cell", text), new Module("test"), new Map(Object.entries(known)), CELL_OPTIONS, new Thread({ print: () => undefined })),
  );
  return value === undefined ? null : value;
}

const exact = (value: Value): bigint => {
  assert.ok(typeof value === "number" || typeof value === "bigint", repr(value));
  assert.equal(
    typeof value === "number",
    BigInt(value) >= -(2n ** 53n) + 1n && BigInt(value) <= 2n ** 53n - 1n,
    "an int is a number exactly while that is safe",
  );
  assert.ok(!Object.is(value, -0));
  return BigInt(value);
};
const int = (value: bigint): Value => (value > -(2n ** 53n) && value < 2n ** 53n ? Number(value) : value);

const integers = fc.oneof(
  fc.bigInt({ min: -20n, max: 20n }),
  fc.bigInt({ min: -(2n ** 55n), max: 2n ** 55n }),
  fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }),
);
const floorDivide = (x: bigint, y: bigint): bigint => x / y - (x % y !== 0n && x < 0n !== y < 0n ? 1n : 0n);

test("ints are exact at every size", () => {
  fc.assert(
    fc.property(integers, integers, (x, y) => {
      const known = { x: int(x), y: int(y) };
      assert.equal(exact(evaluate("x + y", known)), x + y);
      assert.equal(exact(evaluate("x - y", known)), x - y);
      assert.equal(exact(evaluate("x * y", known)), x * y);
      assert.equal(exact(evaluate("x & y", known)), x & y);
      assert.equal(exact(evaluate("x | y", known)), x | y);
      assert.equal(exact(evaluate("x ^ y", known)), x ^ y);
      assert.equal(exact(evaluate("~x", known)), ~x);
      assert.equal(exact(evaluate("-x", known)), -x);
      assert.equal(exact(evaluate("abs(x)", known)), x < 0n ? -x : x);
      assert.equal(exact(evaluate("x << (y & 63)", known)), x << (y & 63n));
      assert.equal(exact(evaluate("x >> (y & 63)", known)), x >> (y & 63n));
      assert.equal(exact(evaluate("int(str(x))", known)), x);
      assert.equal(exact(evaluate('int("%x" % x, 16)', known)), x);
      assert.equal(exact(evaluate('int("%o" % x, 8)', known)), x);
      assert.equal(evaluate("x < y", known), x < y);
      assert.equal(evaluate("x == y", known), x === y);
      if (y === 0n) return;
      assert.equal(exact(evaluate("x // y", known)), floorDivide(x, y));
      assert.equal(exact(evaluate("x % y", known)), x - floorDivide(x, y) * y);
    }),
  );
});

test("an int and a float compare by their exact values, and equal ones are one key", () => {
  fc.assert(
    fc.property(integers, fc.oneof(fc.double({ noNaN: true }), integers.map(Number)), (x, y) => {
      const known = { x: int(x), y: new Float(y) };
      const order = x < y ? -1 : x > y ? 1 : 0;
      assert.equal(evaluate("x < y", known), order < 0);
      assert.equal(evaluate("y <= x", known), order >= 0);
      assert.equal(evaluate("x == y", known), order === 0);
      assert.equal(evaluate("len({x: 1} | {y: 2})", known), order === 0 ? 1 : 2);
    }),
  );
});

test("a float's text denotes the same float", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true }), (x) => {
      const back = evaluate("float(str(x))", { x: new Float(x) });
      assert.ok(back instanceof Float && Object.is(back.value, x));
      const six = evaluate('"%e" % x', { x: new Float(x) });
      if (Number.isFinite(x)) assert.ok(Math.abs(Number(six) - x) <= Math.abs(x) * 5.0000001e-7 + 5e-324);
    }),
  );
});

const texts = fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.string({ unit: fc.constantFrom("a", "é", "日", "😀", "\n", '"') }));

test("strings are cut and joined as their bytes", () => {
  fc.assert(
    fc.property(
      texts,
      fc.integer({ min: -12, max: 12 }),
      fc.integer({ min: -12, max: 12 }),
      fc.constantFrom(-3, -2, -1, 1, 2, 3),
      (raw, low, high, step) => {
        const s = raw.toWellFormed();
        const bytes = [...Buffer.from(s, "utf8")];
        const known = { s, low, high, step };
        assert.equal(evaluate("len(s)", known), bytes.length);
        assert.equal(evaluate("s[:low] + s[low:]", known), s);
        assert.equal(evaluate('"".join([s[i] for i in range(len(s))])', known), s);
        assert.equal(evaluate('"".join(list(s.codepoints()))', known), s);
        const list = new List(bytes);
        assert.ok(equals(evaluate("list(s[low:high:step].elem_ords())", known), evaluate("l[low:high:step]", { ...known, l: list })));
        assert.equal(evaluate("str(bytes(s))", known), s);
        assert.ok(equals(evaluate("list(s.elem_ords())", known), list));
      },
    ),
  );
});

test("slices of sequences are those of an index at a time", () => {
  const bound = fc.option(fc.integer({ min: -9, max: 9 }));
  fc.assert(
    fc.property(fc.array(fc.integer(), { maxLength: 7 }), bound, bound, fc.constantFrom(-3, -2, -1, 1, 2, 3), (items, low, high, step) => {
      const clamp = (i: number, least: number, most: number): number => Math.min(Math.max(i < 0 ? i + items.length : i, least), most);
      const up = step > 0;
      const start = low === null ? (up ? 0 : items.length - 1) : clamp(low, up ? 0 : -1, up ? items.length : items.length - 1);
      const end = high === null ? (up ? items.length : -1) : clamp(high, up ? 0 : -1, up ? items.length : items.length - 1);
      const wanted: number[] = [];
      for (let i = start; up ? i < end : i > end; i += step) wanted.push(items[i] ?? NaN);
      const known = { l: new List(items), t: new Tuple(items), low, high, step };
      assert.ok(equals(evaluate("l[low:high:step]", known), new List(wanted)));
      assert.ok(equals(evaluate("t[low:high:step]", known), new Tuple(wanted)));
      assert.equal(evaluate("[i for i in range(len(l))[low:high:step]] == [i for i in range(len(l))][low:high:step]", known), true);
    }),
  );
});

test("sorting is stable and gives an ordered permutation, the same reversed", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.nat()), { maxLength: 60 }), fc.boolean(), (pairs, reverse) => {
      const items = new List(pairs.map((pair) => new Tuple(pair)));
      const sorted = evaluate("sorted(l, key = lambda p: p[0], reverse = r)", { l: items, r: reverse });
      const wanted = pairs.toSorted(([a], [b]) => (reverse ? b - a : a - b));
      assert.ok(equals(sorted, new List(wanted.map((pair) => new Tuple(pair)))));
    }),
  );
  const long = Array.from({ length: 20_000 }, (_, i) => (i * 7919) % 10_007);
  assert.ok(equals(evaluate("sorted(l)", { l: new List(long) }), new List(long.toSorted((a, b) => a - b))));
  const byLastDigit = new List(long.toSorted((a, b) => (a % 10) - (b % 10)));
  assert.ok(equals(evaluate("sorted(l, key = lambda n: n % 10)", { l: new List(long) }), byLastDigit));
});

test("strings are ordered as their bytes are", () => {
  fc.assert(
    fc.property(texts, texts, (a, b) => {
      const [x, y] = [a.toWellFormed(), b.toWellFormed()];
      const order = Buffer.compare(Buffer.from(x), Buffer.from(y));
      assert.equal(evaluate("x < y", { x, y }), order < 0);
      assert.equal(evaluate("x[1:] < y[1:]", { x, y }), Buffer.compare(Buffer.from(x).subarray(1), Buffer.from(y).subarray(1)) < 0);
    }),
  );
});

test("a dict keeps the order of insertion through every change", () => {
  const change = fc.tuple(fc.constantFrom("set", "pop"), fc.integer({ min: 0, max: 6 }));
  fc.assert(
    fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
      const dict = new Dict();
      const model = new Map<number, number>();
      for (const [i, [kind, key]] of changes.entries()) {
        if (kind === "set") {
          dict.set(key, i);
          model.set(key, i);
        } else {
          assert.equal(dict.delete(key), model.get(key));
          model.delete(key);
        }
      }
      assert.deepEqual([...dict.entries()], [...model]);
    }),
  );
});

const scalar = fc.oneof(
  fc.constantFrom(null, true, false),
  integers.map(int),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => new Float(x)),
  texts.map((text) => text.toWellFormed()),
  fc.uint8Array({ maxLength: 6 }).map((bytes) => Bytes.from(bytes)),
);
const hashable: fc.Arbitrary<Value> = fc.letrec<{ v: Value }>((tie) => ({
  v: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc.array(tie("v"), { maxLength: 3 }).map((items) => new Tuple(items)),
  ),
})).v;
const values: fc.Arbitrary<Value> = fc.letrec<{ v: Value }>((tie) => ({
  v: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc.array(tie("v"), { maxLength: 3 }).map((items) => new List(items)),
    fc.array(tie("v"), { maxLength: 3 }).map((items) => new Tuple(items)),
    fc.array(hashable, { maxLength: 3 }).map((items) => new StarlarkSet(items)),
    fc.array(fc.tuple(hashable, tie("v")), { maxLength: 3 }).map((entries) => {
      const dict = new Dict();
      for (const [key, value] of entries) dict.set(key, value);
      return dict;
    }),
  ),
})).v;

test("repr gives a text of the language that denotes an equal value", () => {
  fc.assert(
    fc.property(values, (value) => {
      const text = repr(value);
      const back = evaluate(text);
      assert.equal(repr(back), text);
      assert.ok(equals(back, value), text);
    }),
  );
});

test("values are equal exactly when they are one key", () => {
  fc.assert(
    fc.property(hashable, hashable, (x, y) => {
      const dict = new Dict();
      dict.set(x, 1);
      dict.set(y, 2);
      assert.equal(dict.size === 1, equals(x, y), `${repr(x)} ${repr(y)}`);
      assert.ok(dict.has(x));
    }),
    { numRuns: 1000 },
  );
});

test("JSON comes back as it went, from the module and from the host", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (data) => {
      const value = fromJson(data);
      assert.deepEqual(toJson(fromJson(JSON.parse(JSON.stringify(data)))), toJson(value));
      assert.equal(str(value), str(fromJson(data)));
    }),
  );
});
