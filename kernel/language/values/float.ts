/** A float: IEEE 754 double, boxed so that it is never taken for an int. */
export class Float {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }

  get type(): "float" {
    return "float";
  }

  truth(): boolean {
    return this.value !== 0;
  }
}
