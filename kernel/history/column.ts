/** A column of numbers that grows: doubling typed arrays, so that a million events cost what their numbers cost. */

type Cells = Float64Array | Int32Array;

export class Column {
  #cells: Cells;
  #length = 0;

  constructor(kind: "float" | "int") {
    this.#cells = kind === "float" ? new Float64Array(1024) : new Int32Array(1024);
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#cells.length) {
      const larger = this.#cells instanceof Float64Array ? new Float64Array(this.#length * 2) : new Int32Array(this.#length * 2);
      larger.set(this.#cells);
      this.#cells = larger;
    }
    this.#cells[this.#length++] = value;
  }

  at(index: number): number {
    if (index < 0 || index >= this.#length) throw new RangeError(`no row ${index} of ${this.#length}`);
    return this.#cells[index] ?? 0;
  }
}
