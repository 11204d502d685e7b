/** A lazy arithmetic sequence: what `range` makes. */
export class Range {
  readonly start: number;
  readonly stop: number;
  readonly step: number;
  readonly length: number;

  constructor(start: number, stop: number, step: number) {
    this.start = start;
    this.stop = stop;
    this.step = step;
    this.length = Math.max(0, Math.ceil((stop - start) / step));
  }

  get type(): "range" {
    return "range";
  }

  truth(): boolean {
    return this.length > 0;
  }

  at(i: number): number {
    return this.start + i * this.step;
  }

  slice(start: number, end: number, step: number): Range {
    return new Range(this.at(start), this.at(end), this.step * step);
  }

  includes(n: number): boolean {
    const steps = (n - this.start) / this.step;
    return Number.isInteger(steps) && steps >= 0 && steps < this.length;
  }

  /** Two ranges are equal when they denote the same sequence. */
  equals(other: Range): boolean {
    if (this.length !== other.length) return false;
    if (this.length === 0) return true;
    return this.start === other.start && (this.length === 1 || this.step === other.step);
  }
}
