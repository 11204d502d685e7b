/** What the language's own functions do with their arguments: counting, types, and starlark-go's messages about both. */
import { Failure } from "./errors.ts";
import { isInt } from "./integer.ts";
import { isIterable, open } from "./iterate.ts";
import type { Cursor } from "./iterate.ts";
import { checkElements, ELEMENTS_MAX } from "./size.ts";
import { didYouMean } from "./spell.ts";
import type { Thread } from "./thread.ts";
import type { Suspension, Value } from "./value.ts";
import { HostValue, isSuspension, typeName } from "./value.ts";
import type { Keywords } from "./values/builtin.ts";
import { Builtin } from "./values/builtin.ts";
import { StarlarkFunction } from "./values/function.ts";
import { List } from "./values/list.ts";
import { Tuple } from "./values/tuple.ts";

/** Checks that there are no keywords and between `least` and `most` positional arguments. */
export function positional(name: string, args: readonly Value[], kwargs: Keywords, least: number, most: number): void {
  if (kwargs.size > 0) throw new Failure(`${name}: unexpected keyword arguments`);
  if (args.length >= least && args.length <= most) return;
  const bound = args.length < least ? least : most;
  const qualifier = least === most ? "" : args.length < least ? "at least " : "at most ";
  throw new Failure(`${name}: got ${args.length} arguments, want ${qualifier}${bound}`);
}

/** Puts positional and named arguments in the order of the parameters; one that ends in "?" may be absent. */
export function named(name: string, args: readonly Value[], kwargs: Keywords, parameters: readonly string[]): (Value | undefined)[] {
  if (args.length > parameters.length) throw new Failure(`${name}: got ${args.length} arguments, want at most ${parameters.length}`);
  const names = parameters.map((parameter) => parameter.replace("?", ""));
  const values: (Value | undefined)[] = [...args];
  for (const [keyword, value] of kwargs) {
    const place = names.indexOf(keyword);
    if (place < 0) throw new Failure(`${name}: unexpected keyword argument "${keyword}"${didYouMean(keyword, names)}`);
    if (values[place] !== undefined) throw new Failure(`${name}: got multiple values for keyword argument "${keyword}"`);
    values[place] = value;
  }
  for (const [i, parameter] of parameters.entries()) {
    if (!parameter.endsWith("?") && values[i] === undefined) throw new Failure(`${name}: missing argument for ${parameter}`);
  }
  return values;
}

/** How messages call a parameter: in quotes when its argument was named. */
export function label(parameter: string, kwargs: Keywords): string {
  return kwargs.has(parameter) ? `"${parameter}"` : parameter;
}

/** Says of a failed conversion which parameter it was for. */
export function forParameter<T>(name: string, parameter: string | number, convert: () => T): T {
  try {
    return convert();
  } catch (error) {
    throw error instanceof Failure ? new Failure(`${name}: for parameter ${parameter}: ${error.message}`) : error;
  }
}

export function wantString(value: Value): string {
  if (typeof value === "string") return value;
  throw new Failure(`got ${typeName(value)}, want string`);
}

export function wantBool(value: Value): boolean {
  if (typeof value === "boolean") return value;
  throw new Failure(`got ${typeName(value)}, want bool`);
}

/** An int of 64 bits, as places and counts may be; the last digits of large ones are lost, since nothing is as long as that. */
export function wantInt(value: Value): number {
  if (!isInt(value)) throw new Failure(`got ${typeName(value)}, want int`);
  if (BigInt.asIntN(64, BigInt(value)) !== BigInt(value)) throw new Failure(`${value} out of range (want value in signed 64-bit range)`);
  return Number(value);
}

export function wantIterable(value: Value): Value {
  if (isIterable(value)) return value;
  throw new Failure(`got ${typeName(value)}, want iterable`);
}

export function isCallable(value: Value): boolean {
  return value instanceof StarlarkFunction || value instanceof Builtin || (value instanceof HostValue && value.call !== undefined);
}

export function wantCallable(value: Value): Value {
  if (isCallable(value)) return value;
  throw new Failure(`got ${typeName(value)}, want callable`);
}

// So many elements are gone through in well under a millisecond; more give the driver its turn in between.
const AT_ONCE_MAX = 4096;

/**
 * Gives the elements of a value to `take` until it answers true or there are no more, then answers what `finish` makes. At
 * once when they are few; otherwise as a computation that gives the driver its turn in between.
 */
export function visit(thread: Thread, iterable: Value, take: (item: Value, i: number) => boolean, finish: () => Value): Value | Suspension {
  const cursor = open(wantIterable(iterable));
  if (cursor === undefined) throw new Failure(`got ${typeName(iterable)}, want iterable`);
  let suspended = false;
  try {
    for (let i = 0; i < AT_ONCE_MAX; i++) {
      const item = cursor.next();
      if (item === undefined || take(item, i)) return finish();
    }
    suspended = true;
    return visitMany(thread, cursor, take, finish);
  } finally {
    if (!suspended) cursor.close();
  }
}

function* visitMany(thread: Thread, cursor: Cursor, take: (item: Value, i: number) => boolean, finish: () => Value): Suspension {
  try {
    for (let i = AT_ONCE_MAX; ; i++) {
      const item = cursor.next();
      if (item === undefined || take(item, i)) return finish();
      if (i > ELEMENTS_MAX) checkElements(i);
      if (--thread.budget < 0) yield* thread.tick();
    }
  } finally {
    cursor.close();
  }
}

/** All elements of a value that can be iterated, for `use`; with pauses when there are many to collect. */
export function withItems(thread: Thread, iterable: Value, use: (items: readonly Value[]) => Value | Suspension): Value | Suspension {
  if (iterable instanceof List || iterable instanceof Tuple) return use(iterable.items);
  const items: Value[] = [];
  const collect = (item: Value): boolean => {
    items.push(item);
    return false;
  };
  const collected = visit(thread, iterable, collect, () => null);
  return isSuspension(collected) ? thenUse(collected, items, use) : use(items);
}

function* thenUse(collected: Suspension, items: readonly Value[], use: (items: readonly Value[]) => Value | Suspension): Suspension {
  yield* collected;
  const result = use(items);
  return isSuspension(result) ? yield* result : result;
}
