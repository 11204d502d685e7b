/** Going through the elements of a value, with lists, dicts and sets protected from change meanwhile. */
import type { Value } from "./value.ts";
import { HostValue } from "./value.ts";
import { Bytes } from "./values/bytes.ts";
import { Dict } from "./values/dict.ts";
import type { Guarded } from "./values/guard.ts";
import { List } from "./values/list.ts";
import { Range } from "./values/range.ts";
import { StarlarkSet } from "./values/set.ts";
import { Tuple } from "./values/tuple.ts";
import { byteLength } from "./text.ts";

/** An iteration under way. `close` must be called when it ends, however it ends. */
export interface Cursor {
  /** The next element, undefined when there are no more. */
  next(): Value | undefined;
  close(): void;
}

/** Starts going through a value; undefined when it can't be iterated. */
export function open(value: Value): Cursor | undefined {
  if (value instanceof List) return new ArrayCursor(value.items, value);
  if (value instanceof Tuple) return new ArrayCursor(value.items, undefined);
  if (value instanceof Range) return new RangeCursor(value);
  if (value instanceof Dict) return new IteratorCursor(value.keys(), value);
  if (value instanceof StarlarkSet) return new IteratorCursor(value.values(), value);
  if (value instanceof HostValue && value.iterate !== undefined) return new IteratorCursor(value.iterate(), undefined);
  return undefined;
}

export function isIterable(value: Value): boolean {
  return (
    value instanceof List ||
    value instanceof Tuple ||
    value instanceof Range ||
    value instanceof Dict ||
    value instanceof StarlarkSet ||
    (value instanceof HostValue && value.iterate !== undefined)
  );
}

/** Number of elements (of bytes for a string), undefined when the value has no length. */
export function lengthOf(value: Value): number | undefined {
  if (typeof value === "string") return byteLength(value);
  if (value instanceof List || value instanceof Tuple || value instanceof Range) return value.length;
  if (value instanceof Dict || value instanceof StarlarkSet) return value.size;
  if (value instanceof Bytes) return value.units.length;
  return value instanceof HostValue ? value.length?.() : undefined;
}

class ArrayCursor implements Cursor {
  readonly #items: readonly Value[];
  readonly #guard: Guarded | undefined;
  #i = 0;

  constructor(items: readonly Value[], guard: Guarded | undefined) {
    this.#items = items;
    this.#guard = guard;
    guard?.beginIteration();
  }

  next(): Value | undefined {
    return this.#items[this.#i++];
  }

  close(): void {
    this.#guard?.endIteration();
  }
}

class RangeCursor implements Cursor {
  readonly #range: Range;
  #i = 0;

  constructor(range: Range) {
    this.#range = range;
  }

  next(): Value | undefined {
    return this.#i < this.#range.length ? this.#range.at(this.#i++) : undefined;
  }

  close(): void {
    // Nothing can change a range.
  }
}

class IteratorCursor implements Cursor {
  readonly #iterator: Iterator<Value>;
  readonly #guard: Guarded | undefined;

  constructor(values: Iterable<Value>, guard: Guarded | undefined) {
    this.#iterator = values[Symbol.iterator]();
    this.#guard = guard;
    guard?.beginIteration();
  }

  next(): Value | undefined {
    const step = this.#iterator.next();
    return step.done === true ? undefined : step.value;
  }

  close(): void {
    this.#guard?.endIteration();
    this.#iterator.return?.();
  }
}
