/** Equality and order. The depth of comparison is bounded, so that values that contain themselves end in an error. */
import { Failure } from "./errors.ts";
import { compareWithFloat } from "./integer.ts";
import { compareText } from "./text.ts";
import type { ComparisonOperator } from "./tree.ts";
import type { Value } from "./value.ts";
import { HostValue, itemAt, typeName } from "./value.ts";
import { Bytes } from "./values/bytes.ts";
import { Dict } from "./values/dict.ts";
import { Float } from "./values/float.ts";
import { List } from "./values/list.ts";
import { Range } from "./values/range.ts";
import { StarlarkSet } from "./values/set.ts";
import { Tuple } from "./values/tuple.ts";

const DEPTH_MAX = 10;

export function equals(x: Value, y: Value, depth = DEPTH_MAX): boolean {
  if (depth < 1) throw new Failure("comparison exceeded maximum recursion depth");
  if (x === y && !(x instanceof List || x instanceof Tuple || x instanceof Dict)) return true;
  if (typeof x !== "object" || x === null) {
    return y instanceof Float && (typeof x === "number" || typeof x === "bigint") && compareWithFloat(x, y.value) === 0;
  }
  if (x instanceof Float)
    return y instanceof Float
      ? compareFloats(x.value, y.value) === 0
      : typeof y === "number" || typeof y === "bigint"
        ? equals(y, x, depth)
        : false;
  if (x instanceof List) return y instanceof List && equalItems(x.items, y.items, depth);
  if (x instanceof Tuple) return y instanceof Tuple && equalItems(x.items, y.items, depth);
  if (x instanceof Dict) return y instanceof Dict && equalDicts(x, y, depth);
  if (x instanceof StarlarkSet) return y instanceof StarlarkSet && x.size === y.size && containsAll(x, y);
  if (x instanceof Bytes) return y instanceof Bytes && x.units === y.units;
  if (x instanceof Range) return y instanceof Range && x.equals(y);
  if (x instanceof HostValue) return x.equals(y);
  return false;
}

function equalItems(x: readonly Value[], y: readonly Value[], depth: number): boolean {
  if (x.length !== y.length) return false;
  for (let i = 0; i < x.length; i++) if (!equals(itemAt(x, i), itemAt(y, i), depth - 1)) return false;
  return true;
}

function equalDicts(x: Dict, y: Dict, depth: number): boolean {
  if (x.size !== y.size) return false;
  for (const { key, value } of x.records()) {
    const other = y.get(key);
    if (other === undefined || !equals(value, other, depth - 1)) return false;
  }
  return true;
}

function containsAll(x: StarlarkSet, y: StarlarkSet): boolean {
  for (const value of y.values()) if (!x.has(value)) return false;
  return true;
}

/** `x operator y` for a comparison. Throws for values that have no order. */
export function compare(operator: ComparisonOperator, x: Value, y: Value, depth = DEPTH_MAX): boolean {
  if (operator === "==") return equals(x, y, depth);
  if (operator === "!=") return !equals(x, y, depth);
  if (depth < 1) throw new Failure("comparison exceeded maximum recursion depth");
  if (typeof x === "string" && typeof y === "string") return holds(operator, compareText(x, y));
  if (typeof x === "boolean" && typeof y === "boolean") return holds(operator, Number(x) - Number(y));
  const order = compareNumbers(x, y);
  if (order !== undefined) return holds(operator, order);
  if (x instanceof Bytes && y instanceof Bytes) return holds(operator, x.units < y.units ? -1 : x.units > y.units ? 1 : 0);
  if (x instanceof List && y instanceof List) return compareItems(operator, x.items, y.items, depth);
  if (x instanceof Tuple && y instanceof Tuple) return compareItems(operator, x.items, y.items, depth);
  if (x instanceof StarlarkSet && y instanceof StarlarkSet) return compareSets(operator, x, y);
  if (x instanceof HostValue && y instanceof HostValue && x.type === y.type && x.compare !== undefined)
    return holds(operator, x.compare(y));
  throw new Failure(`${typeName(x)} ${operator} ${typeName(y)} not implemented`);
}

function holds(operator: ComparisonOperator, order: number): boolean {
  switch (operator) {
    case "==":
      return order === 0;
    case "!=":
      return order !== 0;
    case "<":
      return order < 0;
    case ">":
      return order > 0;
    case "<=":
      return order <= 0;
    case ">=":
      return order >= 0;
  }
}

/** Order of two numbers by exact value; undefined when one is no number. */
function compareNumbers(x: Value, y: Value): number | undefined {
  if (typeof x === "number" || typeof x === "bigint") {
    if (typeof y === "number" || typeof y === "bigint") return x < y ? -1 : x > y ? 1 : 0;
    return y instanceof Float ? compareWithFloat(x, y.value) : undefined;
  }
  if (!(x instanceof Float)) return undefined;
  if (y instanceof Float) return compareFloats(x.value, y.value);
  return typeof y === "number" || typeof y === "bigint" ? -compareWithFloat(y, x.value) : undefined;
}

/** A total order: NaN equals itself and is above everything. */
function compareFloats(x: number, y: number): number {
  if (x > y) return 1;
  if (x < y) return -1;
  if (x === y) return 0;
  return Number.isNaN(x) ? (Number.isNaN(y) ? 0 : 1) : -1;
}

function compareItems(operator: ComparisonOperator, x: readonly Value[], y: readonly Value[], depth: number): boolean {
  const shorter = Math.min(x.length, y.length);
  for (let i = 0; i < shorter; i++) {
    const [a, b] = [itemAt(x, i), itemAt(y, i)];
    if (!equals(a, b, depth - 1)) return compare(operator, a, b, depth - 1);
  }
  return holds(operator, x.length - y.length);
}

/** The order of sets is inclusion. */
function compareSets(operator: ComparisonOperator, x: StarlarkSet, y: StarlarkSet): boolean {
  switch (operator) {
    case "<":
      return x.size < y.size && containsAll(y, x);
    case ">":
      return x.size > y.size && containsAll(x, y);
    case "<=":
      return x.size <= y.size && containsAll(y, x);
    case ">=":
      return x.size >= y.size && containsAll(x, y);
    default:
      return equals(x, y);
  }
}
