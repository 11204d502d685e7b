/** A module's globals. Cells of a session share one; a loaded file has its own, frozen when it has run. */
import type { Value } from "./value.ts";

/** The place of one global; without a value it does not exist for anybody who looks at the module. */
export interface Slot {
  readonly name: string;
  value: Value | undefined;
}

/** The globals that have a value, as a map that can be read and written. */
export class Globals {
  readonly #slots = new Map<string, Slot>();

  /** The place of a name, made when missing: what running code refers to. */
  slot(name: string): Slot {
    let slot = this.#slots.get(name);
    if (slot === undefined) {
      slot = { name, value: undefined };
      this.#slots.set(name, slot);
    }
    return slot;
  }

  get(name: string): Value | undefined {
    return this.#slots.get(name)?.value;
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  set(name: string, value: Value): this {
    this.slot(name).value = value;
    return this;
  }

  /** Code that refers to the name fails from now on as if it had never been assigned. */
  delete(name: string): boolean {
    const slot = this.#slots.get(name);
    if (slot?.value === undefined) return false;
    slot.value = undefined;
    return true;
  }

  get size(): number {
    return [...this].length;
  }

  *[Symbol.iterator](): Generator<[string, Value], undefined, undefined> {
    for (const { name, value } of this.#slots.values()) if (value !== undefined) yield [name, value];
  }

  entries(): Iterable<[string, Value]> {
    return this;
  }

  *keys(): Generator<string, undefined, undefined> {
    for (const [name] of this) yield name;
  }

  *values(): Generator<Value, undefined, undefined> {
    for (const [, value] of this) yield value;
  }
}

export class Module {
  readonly name: string;
  readonly globals = new Globals();

  constructor(name: string) {
    this.name = name;
  }
}
