/** The type dict. */
import { keyOf } from "../hash.ts";
import type { Key } from "../hash.ts";
import type { Value } from "../value.ts";
import { Guarded } from "./guard.ts";

interface Entry {
  readonly key: Value;
  value: Value;
}

/** A mapping in order of insertion. Keys must be hashable: unhashable ones throw. */
export class Dict extends Guarded {
  readonly #entries = new Map<Key, Entry>();
  protected readonly what = "hash table";

  get type(): "dict" {
    return "dict";
  }

  get size(): number {
    return this.#entries.size;
  }

  truth(): boolean {
    return this.#entries.size > 0;
  }

  get(key: Value): Value | undefined {
    return this.#entries.get(keyOf(key))?.value;
  }

  has(key: Value): boolean {
    return this.#entries.has(keyOf(key));
  }

  set(key: Value, value: Value): void {
    this.checkMutable("insert into");
    const canonical = keyOf(key);
    const entry = this.#entries.get(canonical);
    if (entry === undefined) this.#entries.set(canonical, { key, value });
    else entry.value = value;
  }

  /** Removes a key; the value it had, or undefined. */
  delete(key: Value): Value | undefined {
    this.checkMutable("delete from");
    const canonical = keyOf(key);
    const entry = this.#entries.get(canonical);
    if (entry !== undefined) this.#entries.delete(canonical);
    return entry?.value;
  }

  clear(): void {
    this.checkMutable("clear");
    this.#entries.clear();
  }

  *entries(): Generator<[Value, Value], undefined, undefined> {
    for (const { key, value } of this.#entries.values()) yield [key, value];
  }

  *keys(): Generator<Value, undefined, undefined> {
    for (const { key } of this.#entries.values()) yield key;
  }

  /** The entries themselves, for loops that must be fast. */
  records(): IterableIterator<{ readonly key: Value; readonly value: Value }> {
    return this.#entries.values();
  }
}
