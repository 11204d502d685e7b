/** The functions and constants that every text knows. */
import { attributeNames, findAttribute } from "./attribute.ts";
import { invoke } from "./call.ts";
import { compare } from "./compare.ts";
import { Failure } from "./errors.ts";
import { numberToInt } from "./format.ts";
import { isInt, negate, parseDigits, toFloat } from "./integer.ts";
import type { Int } from "./integer.ts";
import { isIterable, lengthOf, open } from "./iterate.ts";
import type { Cursor } from "./iterate.ts";
import { updateDict } from "./methods/dict.ts";
import { arithmetic, asInt32 } from "./operators.ts";
import { repr, str } from "./repr.ts";
import { isShort, sortedPlaces, sortedPlacesAtOnce } from "./sort.ts";
import { decodeUtf8, encodeUtf8, replaceStray } from "./text.ts";
import type { Thread } from "./thread.ts";
import {
  forParameter,
  label,
  named,
  positional,
  wantBool,
  wantCallable,
  wantInt,
  wantIterable,
  wantString,
  visit,
  withItems,
} from "./unpack.ts";
import type { Suspension, Value } from "./value.ts";
import { isSuspension, itemAt, truth, typeName } from "./value.ts";
import type { Keywords } from "./values/builtin.ts";
import { Builtin, NO_KEYWORDS } from "./values/builtin.ts";
import { Bytes } from "./values/bytes.ts";
import { Dict } from "./values/dict.ts";
import { Float } from "./values/float.ts";
import { List } from "./values/list.ts";
import { Range } from "./values/range.ts";
import { StarlarkSet } from "./values/set.ts";
import { Struct } from "./values/struct.ts";
import { Tuple } from "./values/tuple.ts";

type Run = (args: readonly Value[], thread: Thread, kwargs: Keywords) => Value | Suspension;

/** A function that takes positional arguments only. */
function plain(name: string, least: number, most: number, doc: string, run: Run): [string, Builtin] {
  const implementation: Builtin["implementation"] = (thread, args, kwargs) => {
    positional(name, args, kwargs, least, most);
    return run(args, thread, kwargs);
  };
  return [name, new Builtin(name, implementation, { doc })];
}

/** A function that looks at its arguments itself. */
function free(name: string, doc: string, run: Run): [string, Builtin] {
  return [name, new Builtin(name, (thread, args, kwargs) => run(args, thread, kwargs), { doc })];
}

/** A function of exactly one argument that words a wrong count in its own way, as starlark-go's do. */
function single(name: string, count: string, doc: string, run: (x: Value) => Value): [string, Builtin] {
  return free(name, doc, (args, _thread, kwargs) => {
    if (kwargs.size > 0) throw new Failure(`${name} does not accept keyword arguments`);
    if (args.length !== 1) throw new Failure(`${name}: got ${args.length} arguments, want ${count}`);
    return run(itemAt(args, 0));
  });
}

/** Goes through a value's elements, giving the driver its turn when there are many. */
function iterableArgument(name: string, args: readonly Value[]): Value {
  return forParameter(name, 1, () => wantIterable(itemAt(args, 0)));
}

export const universe: ReadonlyMap<string, Value> = new Map<string, Value>([
  ["None", null],
  ["True", true],
  ["False", false],
  plain("abs", 1, 1, "abs(x): the number without its sign", ([x]) => {
    if (x instanceof Float) return new Float(Math.abs(x.value));
    if (x === undefined || !isInt(x)) throw new Failure(`got ${typeName(x ?? null)}, want int or float`);
    return x < 0 ? negate(x) : x;
  }),
  plain("all", 1, 1, "all(iterable): whether every element is true", (args, thread) =>
    search(thread, iterableArgument("all", args), false),
  ),
  plain("any", 1, 1, "any(iterable): whether some element is true", (args, thread) => search(thread, iterableArgument("any", args), true)),
  plain("bool", 0, 1, "bool(x): whether x counts as true", ([x]) => x !== undefined && truth(x)),
  single("bytes", "exactly 1", "bytes(x): the bytes of a string's UTF-8, or of an iterable of ints", toBytes),
  single("chr", "1", "chr(i): the character with a code point", (x) => {
    const code = prefix("chr", () => asInt32(x));
    if (code < 0) throw new Failure(`chr: Unicode code point ${code} out of range (<0)`);
    if (code > 0x10ffff) throw new Failure(`chr: Unicode code point U+${code.toString(16).toUpperCase()} out of range (>0x10FFFF)`);
    return replaceStray(String.fromCodePoint(code));
  }),
  free("dict", "dict(pairs, **entries): a new dict", (args, _thread, kwargs) => {
    if (args.length > 1) throw new Failure(`dict: got ${args.length} arguments, want at most 1`);
    const dict = new Dict();
    prefix("dict", () => updateDict(dict, "dict", args, kwargs));
    return dict;
  }),
  single("dir", "1", "dir(x): names of its attributes and methods", (x) => new List(attributeNames(x))),
  plain("enumerate", 1, 2, "enumerate(iterable, start = 0): list of (number, element)", (args, thread) => {
    const iterable = iterableArgument("enumerate", args);
    const start = args.length > 1 ? itemAt(args, 1) : 0;
    forParameter("enumerate", 2, () => wantInt(start));
    const pairs: Value[] = [];
    const add = (item: Value, i: number): boolean => {
      pairs.push(new Tuple([arithmetic("+", start, i), item]));
      return false;
    };
    return visit(thread, iterable, add, () => new List(pairs));
  }),
  free("fail", 'fail(*args, sep = " "): stops with an error', (args, _thread, kwargs) => {
    const text = joined("fail", args, kwargs);
    throw new Failure(`fail: ${text}`, { failed: text });
  }),
  free("float", "float(x): an int or a text as a float", (args, _thread, kwargs) => {
    if (kwargs.size > 0) throw new Failure("float does not accept keyword arguments");
    if (args.length > 1) throw new Failure(`float got ${args.length} arguments, wants 1`);
    return new Float(args[0] === undefined ? 0 : toFloatValue(args[0]));
  }),
  plain("getattr", 2, 3, "getattr(x, name, default): the attribute of that name", (args) => {
    const [object, otherwise] = [itemAt(args, 0), args[2]];
    const name = forParameter("getattr", 2, () => wantString(itemAt(args, 1)));
    const found = findAttribute(object, name);
    const value = found === undefined ? otherwise : found;
    if (value === undefined) throw new Failure(`getattr: ${typeName(object)} has no .${name} field or method`);
    return value;
  }),
  plain("hasattr", 2, 2, "hasattr(x, name): whether there is such an attribute", (args) => {
    const name = forParameter("hasattr", 2, () => wantString(itemAt(args, 1)));
    return findAttribute(itemAt(args, 0), name) !== undefined;
  }),
  plain("hash", 1, 1, "hash(x): a number made of a string or bytes, always the same", ([x]) => {
    if (typeof x === "string") return javaHash(replaceStray(x));
    if (x instanceof Bytes) return fnvHash(x.units);
    throw new Failure(`hash: got ${typeName(x ?? null)}, want string or bytes`);
  }),
  free("int", "int(x, base = 10): a number cut off, or a text read, as an int", (args, _thread, kwargs) => {
    const [x, base] = named("int", args, kwargs, ["x", "base?"]);
    return toInt(x === undefined ? 0 : x, base);
  }),
  plain("len", 1, 1, "len(x): number of elements, of bytes for a string", ([x]) => {
    const length = lengthOf(x ?? null);
    if (length === undefined) throw new Failure(`len: value of type ${typeName(x ?? null)} has no len`);
    return length;
  }),
  plain("list", 0, 1, "list(iterable): a new list", (args, thread) =>
    args.length === 0 ? new List() : withItems(thread, iterableArgument("list", args), (items) => new List([...items])),
  ),
  extremum("max", ">"),
  extremum("min", "<"),
  single("ord", "1", "ord(c): the code point of a character, the value of a byte", (x) => {
    if (typeof x === "string") {
      const characters = Array.from(replaceStray(x));
      if (characters.length !== 1) throw new Failure(`ord: string encodes ${characters.length} Unicode code points, want 1`);
      return characters[0]?.codePointAt(0) ?? 0;
    }
    if (!(x instanceof Bytes)) throw new Failure(`ord: got ${typeName(x)}, want string or bytes`);
    if (x.units.length !== 1) throw new Failure(`ord: bytes has length ${x.units.length}, want 1`);
    return x.units.charCodeAt(0);
  }),
  free("print", 'print(*args, sep = " "): shows a line of text', (args, thread, kwargs) => {
    thread.print(replaceStray(joined("print", args, kwargs)));
    return null;
  }),
  plain("range", 1, 3, "range(stop) or range(start, stop, step): a sequence of ints", (args) => {
    const numbers = args.map((arg, i) => forParameter("range", i + 1, () => wantInt(arg)));
    const beyond = args.find((arg) => typeof arg === "bigint");
    if (beyond !== undefined) throw new Failure(`range: ${repr(beyond)} is too large`);
    const [first = 0, second, step = 1] = numbers;
    if (step === 0) throw new Failure("range: step argument must not be zero");
    return second === undefined ? new Range(0, first, step) : new Range(first, second, step);
  }),
  plain("repr", 1, 1, "repr(x): a text that shows the value", ([x]) => repr(x ?? null)),
  plain("reversed", 1, 1, "reversed(iterable): a list of the elements from last to first", (args, thread) =>
    withItems(thread, iterableArgument("reversed", args), (items) => new List(items.toReversed())),
  ),
  plain("set", 0, 1, "set(iterable): a new set", (args, thread) =>
    args.length === 0 ? new StarlarkSet() : makeSet(thread, iterableArgument("set", args)),
  ),
  free("sorted", "sorted(iterable, key = None, reverse = False): a sorted list", sorted),
  single("str", "exactly 1", "str(x): the value as a text", str),
  free("struct", "struct(**fields): an immutable value with these attributes", (args, _thread, kwargs) => {
    if (args.length > 0) throw new Failure("struct: unexpected positional arguments");
    return new Struct(kwargs);
  }),
  plain("tuple", 0, 1, "tuple(iterable): a tuple of the elements", (args, thread) =>
    args.length === 0 ? new Tuple([]) : withItems(thread, iterableArgument("tuple", args), (items) => new Tuple([...items])),
  ),
  single("type", "exactly 1", "type(x): the name of the value's type", typeName),
  free("zip", "zip(*iterables): list of tuples of corresponding elements", zip),
]);

/** Says in which function a failure arose. */
function prefix<T>(name: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw error instanceof Failure && !error.message.startsWith(`${name}:`) ? new Failure(`${name}: ${error.message}`, error) : error;
  }
}

function joined(name: string, args: readonly Value[], kwargs: Keywords): string {
  const [given] = named(name, [], kwargs, ["sep?"]);
  const separator = given === undefined ? " " : forParameter(name, label("sep", kwargs), () => wantString(given));
  return args
    .map((arg) => (arg instanceof Bytes && name === "print" ? decodeUtf8(arg.units) : typeof arg === "string" ? arg : repr(arg)))
    .join(separator);
}

function toBytes(x: Value): Bytes {
  if (x instanceof Bytes) return x;
  if (typeof x === "string") return new Bytes(encodeUtf8(replaceStray(x)));
  const cursor = open(x);
  if (cursor === undefined) throw new Failure(`bytes: got ${typeName(x)}, want string, bytes, or iterable of ints`);
  const units: string[] = [];
  try {
    for (let item = cursor.next(); item !== undefined; item = cursor.next()) {
      if (!isInt(item)) throw new Failure(`bytes: at index ${units.length}, got ${typeName(item)}, want int`);
      if (item < 0 || item > 255)
        throw new Failure(`bytes: at index ${units.length}, ${item} out of range (want value in unsigned 8-bit range)`);
      units.push(String.fromCharCode(Number(item)));
    }
  } finally {
    cursor.close();
  }
  return new Bytes(units.join(""));
}

const FLOAT = /^[+-]?(?:\d+(?:_?\d)*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const SPECIAL = /^([+-]?)(inf|infinity|nan)$/i;

function toFloatValue(x: Value): number {
  if (typeof x === "boolean") return x ? 1 : 0;
  if (isInt(x)) return toFloat(x);
  if (x instanceof Float) return x.value;
  if (typeof x !== "string") throw new Failure(`float got ${typeName(x)}, want number or string`);
  if (x === "") throw new Failure("float: empty string");
  const special = SPECIAL.exec(x);
  if (special !== null) return special[2]?.toLowerCase() === "nan" ? NaN : special[1] === "-" ? -Infinity : Infinity;
  if (!FLOAT.test(x)) throw new Failure(`invalid float literal: ${x}`);
  const value = Number(x);
  if (!Number.isFinite(value)) throw new Failure("floating-point number too large");
  return value;
}

function toInt(x: Value, base: Value | undefined): Int {
  if (typeof x === "string") {
    const radix = base === undefined ? 10 : intBase(base);
    const value = parseInteger(x, radix);
    if (value === undefined) throw new Failure(`int: invalid literal with base ${radix}: ${x}`);
    return value;
  }
  if (base !== undefined) throw new Failure("int: can't convert non-string with explicit base");
  if (typeof x === "boolean") return x ? 1 : 0;
  return prefix("int", () => numberToInt(x));
}

function intBase(base: Value): number {
  if (!isInt(base)) throw new Failure(`int: for base, got ${typeName(base)}, want int`);
  if (base !== 0 && (base < 2 || base > 36)) throw new Failure("int: base must be an integer >= 2 && <= 36");
  return Number(base);
}

const BASE_PREFIXES: Readonly<Record<string, number>> = { o: 8, x: 16, b: 2 };

/** An optional sign, a base prefix where the base allows it, digits. */
function parseInteger(text: string, base: number): Int | undefined {
  const sign = /^[+-]/.exec(text)?.[0] ?? "";
  let digits = text.slice(sign.length);
  let radix = base;
  if (digits.length > 1 && digits.startsWith("0")) {
    const prefixed = digits.length > 2 ? BASE_PREFIXES[digits.charAt(1).toLowerCase()] : undefined;
    if (prefixed !== undefined && (base === 0 || base === prefixed)) {
      radix = prefixed;
      digits = digits.slice(2);
    } else if (prefixed === undefined && base === 0) return /^0+$/.test(digits) ? 0 : undefined;
  }
  const value = parseDigits(digits, radix === 0 ? 10 : radix);
  return value !== undefined && sign === "-" ? negate(value) : value;
}

/** Java's String.hashCode, except that starlark-go adds a character beyond U+FFFF as one number. */
function javaHash(text: string): number {
  let hash = 0;
  for (const character of text) hash = (Math.imul(31, hash) + (character.codePointAt(0) ?? 0)) | 0;
  return hash;
}

/** The 32-bit FNV-1a hash. */
function fnvHash(units: string): number {
  let hash = 2166136261;
  for (let i = 0; i < units.length; i++) hash = Math.imul(hash ^ units.charCodeAt(i), 16777619);
  return hash >>> 0;
}

function extremum(name: "min" | "max", operator: "<" | ">"): [string, Builtin] {
  const doc = `${name}(iterable, key = None) or ${name}(a, b, …): the ${name === "min" ? "smallest" : "largest"}`;
  return free(name, doc, (args, thread, kwargs) => {
    if (args.length === 0) throw new Failure(`${name} requires at least one positional argument`);
    const [given] = named(name, [], kwargs, ["key?"]);
    const key = given === undefined ? undefined : forParameter(name, label("key", kwargs), () => wantCallable(given));
    const candidates = args.length === 1 ? itemAt(args, 0) : new Tuple(args);
    if (!isIterable(candidates)) {
      throw new Failure(`${name}: ${typeName(candidates)} value is not iterable`);
    }
    if (key !== undefined) return withItems(thread, candidates, (items) => extremumByKey(thread, name, operator, items, key));
    let best: Value | undefined;
    const keep = (item: Value): boolean => {
      const champion = best;
      if (champion === undefined || prefix(name, () => compare(operator, item, champion))) best = item;
      return false;
    };
    return visit(thread, candidates, keep, () => {
      if (best === undefined) throw new Failure(`${name}: argument is an empty sequence`);
      return best;
    });
  });
}

function* extremumByKey(thread: Thread, name: string, operator: "<" | ">", items: readonly Value[], key: Value): Suspension {
  if (items.length === 0) throw new Failure(`${name}: argument is an empty sequence`);
  const keys = yield* keysOf(thread, items, key);
  let best = 0;
  for (let i = 1; i < keys.length; i++) {
    const [candidate, champion] = [itemAt(keys, i), itemAt(keys, best)];
    if (prefix(name, () => compare(operator, candidate, champion))) best = i;
  }
  return itemAt(items, best);
}

/** What a function gives for each element. */
function* keysOf(thread: Thread, items: readonly Value[], key: Value): Generator<unknown, Value[], unknown> {
  const keys: Value[] = [];
  for (const item of items) {
    const result = invoke(thread, key, [item], NO_KEYWORDS);
    keys.push(isSuspension(result) ? yield* result : result);
    if (--thread.budget < 0) yield* thread.tick();
  }
  return keys;
}

function sorted(args: readonly Value[], thread: Thread, kwargs: Keywords): Value | Suspension {
  const [iterable = null, key, reversed] = named("sorted", args, kwargs, ["iterable", "key?", "reverse?"]);
  const values = forParameter("sorted", label("iterable", kwargs), () => wantIterable(iterable));
  const fn = key === undefined ? undefined : forParameter("sorted", label("key", kwargs), () => wantCallable(key));
  const reverse = reversed !== undefined && forParameter("sorted", label("reverse", kwargs), () => wantBool(reversed));
  return withItems(thread, values, (items) => {
    if (fn === undefined && isShort(items.length)) return pick(items, sortedPlacesAtOnce(items, reverse));
    return sortSuspended(thread, items, fn, reverse);
  });
}

function* sortSuspended(thread: Thread, items: readonly Value[], key: Value | undefined, reverse: boolean): Suspension {
  const values = [...items]; // the key function might change the list
  const keys = key === undefined ? values : yield* keysOf(thread, values, key);
  return pick(values, yield* sortedPlaces(thread, keys, reverse));
}

function pick(items: readonly Value[], places: readonly number[]): List {
  return new List(places.map((place) => itemAt(items, place)));
}

/** Whether some element has the truth that is looked for; the answer when none has is the other one. */
function search(thread: Thread, iterable: Value, wanted: boolean): Value | Suspension {
  let found = !wanted;
  const look = (item: Value): boolean => {
    if (truth(item) === wanted) found = wanted;
    return found === wanted;
  };
  return visit(thread, iterable, look, () => found);
}

function makeSet(thread: Thread, iterable: Value): Value | Suspension {
  const set = new StarlarkSet();
  const add = (item: Value): boolean => {
    prefix("set", () => set.add(item));
    return false;
  };
  return visit(thread, iterable, add, () => set);
}

/** Goes through the first argument; what comes of the others ends it when the shortest is at its end. */
function zip(args: readonly Value[], thread: Thread, kwargs: Keywords): Value | Suspension {
  if (kwargs.size > 0) throw new Failure("zip does not accept keyword arguments");
  const [first, ...others] = args;
  if (first === undefined) return new List();
  const cursors: Cursor[] = [];
  const close = (): void => {
    for (const cursor of cursors.splice(0)) cursor.close();
  };
  const rows: Value[] = [];
  const add = (item: Value): boolean => {
    const row = [item];
    for (const cursor of cursors) {
      const other = cursor.next();
      if (other === undefined) return true;
      row.push(other);
    }
    rows.push(new Tuple(row));
    return false;
  };
  try {
    if (!isIterable(first)) throw new Failure(`zip: argument #1 is not iterable: ${typeName(first)}`);
    for (const [i, other] of others.entries()) {
      const cursor = open(other);
      if (cursor === undefined) throw new Failure(`zip: argument #${i + 2} is not iterable: ${typeName(other)}`);
      cursors.push(cursor);
    }
    const result = visit(thread, first, add, () => new List(rows));
    if (!isSuspension(result)) close();
    return isSuspension(result) ? closing(result, close) : result;
  } catch (error) {
    close();
    throw error;
  }
}

function* closing(computation: Suspension, close: () => void): Suspension {
  try {
    return yield* computation;
  } finally {
    close();
  }
}
