/** What a value of the language is. The classes live in `values/`; what operators do with them, in `operators.ts`. */
import { Failure } from "./errors.ts";
import type { ArithmeticOperator } from "./tree.ts";
import type { Thread } from "./thread.ts";
import type { Bytes } from "./values/bytes.ts";
import type { Builtin } from "./values/builtin.ts";
import type { Dict } from "./values/dict.ts";
import type { Float } from "./values/float.ts";
import type { StarlarkFunction } from "./values/function.ts";
import type { List } from "./values/list.ts";
import type { Range } from "./values/range.ts";
import type { StarlarkSet } from "./values/set.ts";
import type { Tuple } from "./values/tuple.ts";

/**
 * A value of the language. None is null; an int is a number whenever it is a safe integer and a bigint otherwise; a float is
 * boxed, so that 1 and 1.0 stay apart; a string is a JavaScript string (see `text.ts` for bytes that are no text).
 */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Float
  | Bytes
  | List
  | Tuple
  | Dict
  | StarlarkSet
  | Range
  | StarlarkFunction
  | Builtin
  | HostValue;

/** A computation that has not ended: yields effects for the driver, returns the value. */
export type Suspension = Generator<unknown, Value, unknown>;

const GENERATOR: unknown = Object.getPrototypeOf(Object.getPrototypeOf((function* () {})()));

/** Whether a call gave a computation to go on with instead of its value. */
export function isSuspension(result: Value | Suspension): result is Suspension {
  return typeof result === "object" && result !== null && Object.getPrototypeOf(Object.getPrototypeOf(result)) === GENERATOR;
}

/** A value that the host brings along: a service, a response, an event. Only what it implements can be done with it. */
export abstract class HostValue {
  /** What `type(x)` says. */
  abstract readonly type: string;

  /** `x.name`; undefined when there is no such attribute. */
  attr?(name: string): Value | undefined;
  /** All attributes, for `dir`, `hasattr` and suggestions. */
  attrNames?(): readonly string[];
  /** What `x.name` says when there is none, up to the suggestion; the default is starlark-go's usual message. */
  missing?(name: string): string;
  /** `x[key]`; undefined when there is no such key. */
  index?(key: Value): Value | undefined;
  /** `key in x`. */
  has?(key: Value): boolean;
  iterate?(): Iterable<Value>;
  length?(): number;
  /** `x(…)`. */
  call?(args: readonly Value[], kwargs: ReadonlyMap<string, Value>, thread: Thread): Value | Suspension;
  /** `x op other`, or `other op x` when `side` is right; undefined when the operator does not apply. */
  binary?(operator: ArithmeticOperator, other: Value, side: "left" | "right"): Value | undefined;
  /** Order among values of the same type: negative, zero or positive. */
  compare?(other: HostValue): number;
  /** A key that is equal exactly when the values are; without it the value can be no key. */
  hash?(): string;
  /** The values within, for freezing. */
  parts?(): Iterable<Value>;

  truth(): boolean {
    return true;
  }

  equals(other: Value): boolean {
    return this === other;
  }

  abstract repr(): string;
}

/** What `type(x)` says. */
export function typeName(value: Value): string {
  switch (typeof value) {
    case "number":
    case "bigint":
      return "int";
    case "string":
      return "string";
    case "boolean":
      return "bool";
    default:
      return value === null ? "NoneType" : value.type;
  }
}

/** Whether the value counts as true. */
export function truth(value: Value): boolean {
  switch (typeof value) {
    case "boolean":
      return value;
    case "number":
      return value !== 0;
    case "bigint":
      return value !== 0n;
    case "string":
      return value !== "";
    default:
      return value !== null && value.truth();
  }
}

/** An element that must be there. */
export function itemAt<T>(items: readonly T[], i: number): T {
  const item = items[i];
  if (item === undefined) throw new Failure(`internal error: no element ${i} of ${items.length}`);
  return item;
}
