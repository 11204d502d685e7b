/** The type list. */
import type { Value } from "../value.ts";
import { Guarded } from "./guard.ts";

/** A list. `items` may be read freely; changing goes through methods, which check that it is allowed. */
export class List extends Guarded {
  readonly items: Value[];
  protected readonly what = "list";

  /** Takes the array over without copying. */
  constructor(items: Value[] = []) {
    super();
    this.items = items;
  }

  get type(): "list" {
    return "list";
  }

  get length(): number {
    return this.items.length;
  }

  truth(): boolean {
    return this.items.length > 0;
  }

  append(value: Value): void {
    this.checkMutable("append to");
    this.items.push(value);
  }

  [Symbol.iterator](): IterableIterator<Value> {
    return this.items.values();
  }
}
