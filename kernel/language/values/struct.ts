/** The type struct. */
import { equals } from "../compare.ts";
import { Failure } from "../errors.ts";
import { tupleKeyOf } from "../hash.ts";
import { repr } from "../repr.ts";
import type { ArithmeticOperator } from "../tree.ts";
import { HostValue } from "../value.ts";
import type { Value } from "../value.ts";

/** An immutable record with named fields: what `struct(a = 1)` makes. */
export class Struct extends HostValue {
  readonly type = "struct";
  /** In alphabetical order. */
  readonly fields: ReadonlyMap<string, Value>;
  readonly #constructorName: string;

  constructor(fields: Iterable<readonly [string, Value]>, constructorName = "struct") {
    super();
    this.fields = new Map([...fields].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
    this.#constructorName = constructorName;
  }

  override attr(name: string): Value | undefined {
    return this.fields.get(name);
  }

  override missing(name: string): string {
    return `struct has no .${name} attribute`;
  }

  override attrNames(): readonly string[] {
    return [...this.fields.keys()];
  }

  /** `a + b` has the fields of both; b's win. */
  override binary(operator: ArithmeticOperator, other: Value, side: "left" | "right"): Value | undefined {
    if (operator !== "+" || side === "right" || !(other instanceof Struct)) return undefined;
    if (this.#constructorName !== other.#constructorName) {
      throw new Failure(`cannot add structs of different constructors: ${this.#constructorName} + ${other.#constructorName}`);
    }
    return new Struct([...this.fields, ...other.fields], this.#constructorName);
  }

  override equals(other: Value): boolean {
    if (!(other instanceof Struct) || this.fields.size !== other.fields.size || this.#constructorName !== other.#constructorName)
      return false;
    for (const [name, value] of this.fields) {
      const theirs = other.fields.get(name);
      if (theirs === undefined || !equals(value, theirs)) return false;
    }
    return true;
  }

  override hash(): string {
    return tupleKeyOf([...this.fields].flat());
  }

  override parts(): Iterable<Value> {
    return this.fields.values();
  }

  repr(): string {
    return `${this.#constructorName}(${[...this.fields].map(([name, value]) => `${name} = ${repr(value)}`).join(", ")})`;
  }
}
