/** An immutable sequence of bytes, kept as a JavaScript string with one code unit a byte. */
export class Bytes {
  /** Code units 0 to 255. */
  readonly units: string;

  constructor(units: string) {
    this.units = units;
  }

  static from(bytes: Uint8Array): Bytes {
    let units = "";
    for (let i = 0; i < bytes.length; i += 4096) units += String.fromCharCode(...bytes.subarray(i, i + 4096));
    return new Bytes(units);
  }

  toUint8Array(): Uint8Array {
    return Uint8Array.from(this.units, (unit) => unit.charCodeAt(0));
  }

  get type(): "bytes" {
    return "bytes";
  }

  truth(): boolean {
    return this.units !== "";
  }
}
