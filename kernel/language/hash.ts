/** Keys of dicts and sets: a canonical JavaScript value that is the same exactly for equal values. */
import { Failure } from "./errors.ts";
import type { Value } from "./value.ts";
import { HostValue, typeName } from "./value.ts";
import { Builtin } from "./values/builtin.ts";
import { Bytes } from "./values/bytes.ts";
import { Float } from "./values/float.ts";
import { StarlarkFunction } from "./values/function.ts";
import { Range } from "./values/range.ts";
import { Tuple } from "./values/tuple.ts";

export type Key = null | boolean | number | bigint | string | object;

// No string of the language begins with a lone high surrogate, so what begins with one is never taken for a string.
const MARK = "\ud800";

export function keyOf(value: Value): Key {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Tuple) return MARK + tupleKey(value);
  if (value instanceof Float) return floatKey(value.value);
  if (value instanceof StarlarkFunction || value instanceof Builtin) return value;
  return MARK + part(value);
}

/** 1.0 and 1 are one key; JavaScript's maps already take NaN for equal to itself and 0 for -0. */
function floatKey(value: number): number | bigint {
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? BigInt(value) : value;
}

function tupleKey(tuple: Tuple): string {
  return tupleKeyOf(tuple.items);
}

/** One text for several values, the same exactly when all are equal. */
export function tupleKeyOf(items: readonly Value[]): string {
  let key = `(${items.length}`;
  for (const item of items) key += `,${part(item)}`;
  return key;
}

/** The key of a value as a text that tells where it ends. */
function part(value: Value): string {
  switch (typeof value) {
    case "string":
      return `s${value.length}:${value}`;
    case "number":
    case "bigint":
      return `n${value}`;
    case "boolean":
      return value ? "T" : "F";
    default:
  }
  if (value === null) return "N";
  if (value instanceof Tuple) return tupleKey(value);
  if (value instanceof Float) return `n${floatKey(value.value)}`;
  if (value instanceof Bytes) return `b${value.units.length}:${value.units}`;
  if (value instanceof StarlarkFunction || value instanceof Builtin) return `o${identity(value)}`;
  if (value instanceof Range) throw new Failure("unhashable: range");
  if (value instanceof HostValue && value.hash !== undefined) {
    const hash = value.hash();
    return `h${value.type.length + hash.length}:${value.type}${hash}`;
  }
  throw new Failure(`unhashable type: ${typeName(value)}`);
}

const identities = new WeakMap<object, number>();
let identitiesGiven = 0;

function identity(value: object): number {
  let number = identities.get(value);
  if (number === undefined) {
    number = ++identitiesGiven;
    identities.set(value, number);
  }
  return number;
}
