/** Whether a list, dict or set may be changed: not once frozen, and not while something iterates over it. */
import { Failure } from "../errors.ts";

export abstract class Guarded {
  #frozen = false;
  #iterating = 0;
  /** How messages call it. */
  protected abstract readonly what: string;

  get frozen(): boolean {
    return this.#frozen;
  }

  /** Marks this value only; see `freeze` for what is within. */
  markFrozen(): void {
    this.#frozen = true;
  }

  beginIteration(): void {
    this.#iterating++;
  }

  endIteration(): void {
    this.#iterating--;
  }

  /** Throws when the value may not be changed now; `verb` says what was tried, as in "append to". */
  checkMutable(verb: string): void {
    if (this.#frozen) throw new Failure(`cannot ${verb} frozen ${this.what}`);
    if (this.#iterating > 0) throw new Failure(`cannot ${verb} ${this.what} during iteration`);
  }
}
