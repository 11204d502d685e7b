/** Operators on values, except the comparisons. All are synchronous: nothing here calls back into the language. */
import { compare, equals } from "./compare.ts";
import { Failure } from "./errors.ts";
import { interpolate } from "./format.ts";
import type { Int } from "./integer.ts";
import { add, bitwise, complement, floorDivide, isInt, modulo, multiply, negate, shift, subtract, toFloat } from "./integer.ts";
import { open } from "./iterate.ts";
import { repr } from "./repr.ts";
import { checkElements, checkText, ELEMENTS_MAX, TEXT_MAX } from "./size.ts";
import { concatenate, decodeUtf8, byteLength, encodeUtf8, mend } from "./text.ts";
import type { ArithmeticOperator, BinaryOperator, UnaryOperator } from "./tree.ts";
import type { Value } from "./value.ts";
import { HostValue, itemAt, truth, typeName } from "./value.ts";
import { Bytes } from "./values/bytes.ts";
import { Dict } from "./values/dict.ts";
import { Float } from "./values/float.ts";
import { List } from "./values/list.ts";
import { Range } from "./values/range.ts";
import { StarlarkSet } from "./values/set.ts";
import { Tuple } from "./values/tuple.ts";

export function unary(operator: UnaryOperator, x: Value): Value {
  if (operator === "not") return !truth(x);
  if (isInt(x)) return operator === "-" ? negate(x) : operator === "~" ? complement(x) : x;
  if (x instanceof Float && operator !== "~") return operator === "-" ? new Float(-x.value) : x;
  throw new Failure(`unknown unary op: ${operator} ${typeName(x)}`);
}

export function binary(operator: BinaryOperator, x: Value, y: Value): Value {
  switch (operator) {
    case "==":
    case "!=":
    case "<":
    case ">":
    case "<=":
    case ">=":
      return compare(operator, x, y);
    case "in":
      return contains(operator, x, y);
    case "not in":
      return !contains(operator, x, y);
    default:
      return arithmetic(operator, x, y);
  }
}

export function arithmetic(operator: ArithmeticOperator, x: Value, y: Value): Value {
  const result = isInt(x) && isInt(y) ? ints(operator, x, y) : (floats(operator, x, y) ?? others(operator, x, y));
  if (result !== undefined) return result;
  throw new Failure(`unknown binary op: ${typeName(x)} ${operator} ${typeName(y)}`);
}

function ints(operator: ArithmeticOperator, x: Int, y: Int): Value {
  switch (operator) {
    case "+":
      return add(x, y);
    case "-":
      return subtract(x, y);
    case "*":
      return multiply(x, y);
    case "/":
      return new Float(divide(toFloat(x), toFloat(y), "floating-point division by zero"));
    case "//":
      if (y === 0) throw new Failure("floored division by zero");
      return floorDivide(x, y);
    case "%":
      if (y === 0) throw new Failure("integer modulo by zero");
      return modulo(x, y);
    case "&":
    case "|":
    case "^":
      return bitwise(operator, x, y);
    case "<<":
    case ">>":
      return shift(operator, x, asInt32(y));
  }
}

/** Arithmetic with at least one float; undefined when the operands are no such numbers or the operator is none for floats. */
function floats(operator: ArithmeticOperator, x: Value, y: Value): Value | undefined {
  if (!(x instanceof Float || y instanceof Float)) return undefined;
  const a = x instanceof Float ? x.value : isInt(x) ? toFloat(x) : undefined;
  const b = y instanceof Float ? y.value : isInt(y) ? toFloat(y) : undefined;
  if (a === undefined || b === undefined) return undefined;
  switch (operator) {
    case "+":
      return new Float(a + b);
    case "-":
      return new Float(a - b);
    case "*":
      return new Float(a * b);
    case "/":
      return new Float(divide(a, b, "floating-point division by zero"));
    case "//":
      return new Float(Math.floor(divide(a, b, "floored division by zero")));
    case "%": {
      if (b === 0) throw new Failure("floating-point modulo by zero");
      const remainder = a % b;
      return new Float(remainder !== 0 && a < 0 !== b < 0 ? remainder + b : remainder);
    }
    default:
      return undefined;
  }
}

function divide(a: number, b: number, whenZero: string): number {
  if (b === 0) throw new Failure(whenZero);
  return a / b;
}

/** Operators on what is no number; undefined when there is none for these operands. */
function others(operator: ArithmeticOperator, x: Value, y: Value): Value | undefined {
  switch (operator) {
    case "+": {
      const sum = plus(x, y);
      if (sum !== undefined) return sum;
      break;
    }
    case "*":
      if (isInt(y)) {
        const product = repeat(x, y);
        if (product !== undefined) return product;
      } else if (isInt(x)) {
        const product = repeat(y, x);
        if (product !== undefined) return product;
      }
      break;
    case "%":
      if (typeof x === "string") return interpolate(x, y);
      break;
    case "|":
      if (x instanceof Dict && y instanceof Dict) return union(x, y);
      if (x instanceof StarlarkSet && y instanceof StarlarkSet) return new StarlarkSet([...x.values(), ...y.values()]);
      break;
    case "&":
      if (x instanceof StarlarkSet && y instanceof StarlarkSet) return intersection(x, y.values());
      break;
    case "-":
      if (x instanceof StarlarkSet && y instanceof StarlarkSet) return difference(x, y.values());
      break;
    case "^":
      if (x instanceof StarlarkSet && y instanceof StarlarkSet) return symmetricDifference(x, y.values());
      break;
    default:
  }
  if (x instanceof HostValue) {
    const result = x.binary?.(operator, y, "left");
    if (result !== undefined) return result;
  }
  if (y instanceof HostValue) return y.binary?.(operator, x, "right");
  if (isInt(x) && (operator === "<<" || operator === ">>")) asInt32(y);
  return undefined;
}

function plus(x: Value, y: Value): Value | undefined {
  if (typeof x === "string" && typeof y === "string") {
    checkText(x.length + y.length);
    return concatenate(x, y);
  }
  if (x instanceof List && y instanceof List) {
    checkElements(x.length + y.length);
    return new List([...x.items, ...y.items]);
  }
  if (x instanceof Tuple && y instanceof Tuple) {
    checkElements(x.length + y.length);
    return new Tuple([...x.items, ...y.items]);
  }
  if (x instanceof Bytes && y instanceof Bytes) {
    checkText(x.units.length + y.units.length);
    return new Bytes(x.units + y.units);
  }
  return undefined;
}

/** A sequence times a count; undefined when the value is no sequence that can be repeated. */
function repeat(sequence: Value, count: Int): Value | undefined {
  if (typeof sequence === "string") return mend(sequence.repeat(repeatCount(byteLength(sequence), count, TEXT_MAX)));
  if (sequence instanceof Bytes) return new Bytes(sequence.units.repeat(repeatCount(sequence.units.length, count, TEXT_MAX)));
  if (sequence instanceof List) return new List(repeatItems(sequence.items, count));
  if (sequence instanceof Tuple) return new Tuple(repeatItems(sequence.items, count));
  return undefined;
}

function repeatItems(items: readonly Value[], count: Int): Value[] {
  const times = repeatCount(items.length, count, ELEMENTS_MAX);
  const repeated: Value[] = [];
  for (let i = 0; i < times; i++) for (const item of items) repeated.push(item);
  return repeated;
}

function repeatCount(length: number, count: Int, most: number): number {
  if (length === 0) return 0;
  if (!isInt32(count)) throw new Failure(`repeat count ${count} too large`);
  if (count < 1) return 0;
  if (length * Number(count) > most) throw new Failure(`excessive repeat (${length} * ${count} elements)`);
  return Number(count);
}

function union(x: Dict, y: Dict): Dict {
  const both = new Dict();
  for (const { key, value } of x.records()) both.set(key, value);
  for (const { key, value } of y.records()) both.set(key, value);
  return both;
}

export function intersection(x: StarlarkSet, others: Iterable<Value>): StarlarkSet {
  const common = new StarlarkSet();
  for (const value of others) if (x.has(value)) common.add(value);
  return common;
}

export function difference(x: StarlarkSet, others: Iterable<Value>): StarlarkSet {
  const left = new StarlarkSet(x.values());
  for (const value of others) left.delete(value);
  return left;
}

export function symmetricDifference(x: StarlarkSet, others: Iterable<Value>): StarlarkSet {
  const either = new StarlarkSet(x.values());
  for (const value of others) if (!either.delete(value)) either.add(value);
  return either;
}

/** `x in y`; `operator` is for the message. */
export function contains(operator: "in" | "not in", x: Value, y: Value): boolean {
  if (typeof y === "string") {
    if (typeof x !== "string") throw new Failure(`'in <string>' requires string as left operand, not ${typeName(x)}`);
    return y.isWellFormed() && x.isWellFormed() ? y.includes(x) : encodeUtf8(y).includes(encodeUtf8(x));
  }
  if (y instanceof List || y instanceof Tuple) return y.items.some((item) => equals(item, x));
  if (y instanceof Dict) return hasKey(y, x);
  if (y instanceof StarlarkSet) return y.has(x);
  if (y instanceof Range) {
    const n = x instanceof Float ? Math.trunc(x.value) : isInt(x) ? Number(x) : undefined;
    if (n === undefined || !Number.isFinite(n)) throw new Failure(`'in <range>' requires integer as left operand, not ${typeName(x)}`);
    return y.includes(n);
  }
  if (y instanceof Bytes) return bytesContain(y, x);
  if (y instanceof HostValue && y.has !== undefined) return y.has(x);
  if (x instanceof HostValue || y instanceof HostValue) throw new Failure(`unknown binary op: ${typeName(x)} ${operator} ${typeName(y)}`);
  throw new Failure(`unknown binary op: ${typeName(x)} in ${typeName(y)}`);
}

/** An unhashable value is in no dict. */
function hasKey(dict: Dict, key: Value): boolean {
  try {
    return dict.has(key);
  } catch (error) {
    if (error instanceof Failure) return false;
    throw error;
  }
}

function bytesContain(bytes: Bytes, x: Value): boolean {
  if (x instanceof Bytes) return bytes.units.includes(x.units);
  if (!isInt(x)) throw new Failure(`'in bytes' requires bytes or int as left operand, not ${typeName(x)}`);
  if (x < 0 || x > 255) throw new Failure(`int in bytes: ${x} out of range (want value in unsigned 8-bit range)`);
  return bytes.units.includes(String.fromCharCode(Number(x)));
}

/** `x += y`: a list is extended in place by anything that can be iterated. */
export function addInPlace(x: Value, y: Value): Value {
  if (x instanceof List) {
    const cursor = open(y);
    if (cursor !== undefined) {
      cursor.close();
      x.checkMutable("apply += to");
      extend(x, y);
      return x;
    }
  }
  return arithmetic("+", x, y);
}

/** Adds all elements of an iterable value to a list that may be changed. */
export function extend(list: List, values: Value): void {
  if (values instanceof List || values instanceof Tuple) {
    checkElements(list.length + values.length);
    const { length } = values.items; // x += x must end
    for (let i = 0; i < length; i++) list.items.push(itemAt(values.items, i));
    return;
  }
  const cursor = open(values);
  if (cursor === undefined) throw new Failure(`got ${typeName(values)}, want iterable`);
  try {
    for (let item = cursor.next(); item !== undefined; item = cursor.next()) {
      list.items.push(item);
      checkElements(list.length);
    }
  } finally {
    cursor.close();
  }
}

/** `x |= y`: a dict takes over the other's entries. */
export function uniteInPlace(x: Value, y: Value): Value {
  if (x instanceof Dict && y instanceof Dict) {
    x.checkMutable("apply |= to");
    for (const { key, value } of [...y.records()]) x.set(key, value);
    return x;
  }
  return arithmetic("|", x, y);
}

/** `x[y]` */
export function index(x: Value, y: Value): Value {
  if (x instanceof Dict) {
    const value = x.get(y);
    if (value === undefined) throw new Failure(`key ${repr(y)} not in dict`);
    return value;
  }
  if (x instanceof List || x instanceof Tuple) return itemAt(x.items, position(x, x.items.length, y));
  if (typeof x === "string") {
    const bytes = encodeUtf8(x);
    return decodeUtf8(bytes.charAt(position(x, bytes.length, y)));
  }
  if (x instanceof Range) return x.at(position(x, x.length, y));
  if (x instanceof Bytes) return new Bytes(x.units.charAt(position(x, x.units.length, y)));
  if (x instanceof HostValue && x.index !== undefined) {
    const value = x.index(y);
    if (value === undefined) throw new Failure(`key ${repr(y)} not in ${x.type}`);
    return value;
  }
  throw new Failure(`unhandled index operation ${typeName(x)}[${typeName(y)}]`);
}

/** The place in a sequence that an index means, counted from the end when negative. */
export function position(sequence: Value, length: number, wanted: Value): number {
  let i: number;
  try {
    i = asInt32(wanted);
  } catch (error) {
    throw new Failure(`${typeName(sequence)} index: ${error instanceof Error ? error.message : String(error)}`);
  }
  return inRange(sequence, length, i);
}

export function inRange(sequence: Value, length: number, i: number): number {
  const place = i < 0 ? i + length : i;
  if (place >= 0 && place < length) return place;
  if (length === 0) throw new Failure(`index ${i} out of range: empty ${typeName(sequence)}`);
  throw new Failure(`${typeName(sequence)} index ${i} out of range [${-length}:${length - 1}]`);
}

/** `x[y] = z` */
export function setIndex(x: Value, y: Value, z: Value): void {
  if (x instanceof Dict) {
    x.set(y, z);
    checkElements(x.size);
  } else if (x instanceof List) {
    const place = inRange(x, x.items.length, asInt32(y));
    x.checkMutable("assign to element of");
    x.items[place] = z;
  } else throw new Failure(`${typeName(x)} value does not support item assignment`);
}

/** `x[low:high:step]`; what is absent is None. */
export function slice(x: Value, low: Value, high: Value, step: Value): Value {
  if (typeof x === "string") {
    const bytes = encodeUtf8(x);
    const cut = cutUnits(bytes, low, high, step);
    return bytes === x ? cut : decodeUtf8(cut);
  }
  if (x instanceof Bytes) return new Bytes(cutUnits(x.units, low, high, step));
  if (x instanceof List) return new List(cutItems(x.items, low, high, step));
  if (x instanceof Tuple) return new Tuple(cutItems(x.items, low, high, step));
  if (x instanceof Range) {
    const [start, end, stride] = bounds(x.length, low, high, step);
    return x.slice(start, end, stride);
  }
  throw new Failure(`invalid slice operand ${typeName(x)}`);
}

function cutUnits(units: string, low: Value, high: Value, step: Value): string {
  const [start, end, stride] = bounds(units.length, low, high, step);
  if (stride === 1) return units.slice(start, end);
  let cut = "";
  for (let i = start; stride > 0 ? i < end : i > end; i += stride) cut += units.charAt(i);
  return cut;
}

function cutItems(items: readonly Value[], low: Value, high: Value, step: Value): Value[] {
  const [start, end, stride] = bounds(items.length, low, high, step);
  if (stride === 1) return items.slice(start, end);
  const cut: Value[] = [];
  for (let i = start; stride > 0 ? i < end : i > end; i += stride) cut.push(itemAt(items, i));
  return cut;
}

function bounds(length: number, low: Value, high: Value, step: Value): [start: number, end: number, step: number] {
  const stride = step === null ? 1 : named("invalid slice step", () => asInt32(step));
  if (stride === 0) throw new Failure("zero is not a valid slice step");
  if (stride > 0) {
    const [start, end] = indices(low, high, length);
    return [start, Math.max(start, end), stride];
  }
  const start = Math.min(
    length - 1,
    named("invalid start index", () => asIndex(low, length, length - 1)),
  );
  const end = Math.max(
    -1,
    named("invalid end index", () => asIndex(high, length, -1)),
  );
  return [Math.max(start, end), end, stride];
}

/** Start and end of a part of a sequence, each within it; the start may lie behind the end. */
export function indices(low: Value | undefined, high: Value | undefined, length: number): [start: number, end: number] {
  const start = named("invalid start index", () => asIndex(low, length, 0));
  const end = named("invalid end index", () => asIndex(high, length, length));
  return [Math.min(Math.max(start, 0), length), Math.min(Math.max(end, 0), length)];
}

function asIndex(value: Value | undefined, length: number, otherwise: number): number {
  if (value === undefined || value === null) return otherwise;
  const i = asInt32(value);
  return i < 0 ? i + length : i;
}

function named<T>(what: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw error instanceof Failure ? new Failure(`${what}: ${error.message}`) : error;
  }
}

function isInt32(value: Int): boolean {
  return value >= -2147483648 && value <= 2147483647;
}

/** An int that fits 32 bits, as indices and counts must. */
export function asInt32(value: Value): number {
  if (!isInt(value)) throw new Failure(`got ${typeName(value)}, want int`);
  if (!isInt32(value)) throw new Failure(`${value} out of range`);
  return Number(value);
}
