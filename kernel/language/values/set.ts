/** The type set. */
import { keyOf } from "../hash.ts";
import type { Key } from "../hash.ts";
import type { Value } from "../value.ts";
import { Guarded } from "./guard.ts";

/** A set in order of insertion. Elements must be hashable: unhashable ones throw. */
export class StarlarkSet extends Guarded {
  readonly #elements: Map<Key, Value>;
  protected readonly what = "hash table";

  constructor(values: Iterable<Value> = []) {
    super();
    this.#elements = new Map();
    for (const value of values) this.#insert(value);
  }

  get type(): "set" {
    return "set";
  }

  get size(): number {
    return this.#elements.size;
  }

  truth(): boolean {
    return this.#elements.size > 0;
  }

  has(value: Value): boolean {
    return this.#elements.has(keyOf(value));
  }

  add(value: Value): void {
    this.checkMutable("insert into");
    this.#insert(value);
  }

  delete(value: Value): boolean {
    this.checkMutable("delete from");
    return this.#elements.delete(keyOf(value));
  }

  clear(): void {
    this.checkMutable("clear");
    this.#elements.clear();
  }

  values(): IterableIterator<Value> {
    return this.#elements.values();
  }

  #insert(value: Value): void {
    const key = keyOf(value);
    if (!this.#elements.has(key)) this.#elements.set(key, value);
  }
}
