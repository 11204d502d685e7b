/** The type tuple. */
import type { Value } from "../value.ts";

/** An immutable sequence. */
export class Tuple {
  readonly items: readonly Value[];

  constructor(items: readonly Value[]) {
    this.items = items;
  }

  get type(): "tuple" {
    return "tuple";
  }

  get length(): number {
    return this.items.length;
  }

  truth(): boolean {
    return this.items.length > 0;
  }

  [Symbol.iterator](): IterableIterator<Value> {
    return this.items.values();
  }
}
