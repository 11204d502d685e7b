/** A function of the host, as a value of the language. */
import type { Thread } from "../thread.ts";
import type { Suspension, Value } from "../value.ts";

export type Keywords = ReadonlyMap<string, Value>;
export const NO_KEYWORDS: Keywords = new Map();

/** What runs when a built-in is called. `receiver` is the object of a method, null for a plain function. */
export type Implementation = (thread: Thread, args: readonly Value[], kwargs: Keywords, receiver: Value) => Value | Suspension;

/** A function of the host. A method taken from its object, as in `f = x.append`, keeps the object as receiver. */
export class Builtin {
  readonly name: string;
  readonly doc: string | undefined;
  readonly implementation: Implementation;
  readonly receiver: Value | undefined;
  /** Parameters as `builtin` takes them, for completion and help; undefined for those of the language itself. */
  readonly parameters: readonly string[] | undefined;

  constructor(
    name: string,
    implementation: Implementation,
    details: { doc?: string | undefined; receiver?: Value | undefined; parameters?: readonly string[] | undefined } = {},
  ) {
    this.name = name;
    this.implementation = implementation;
    this.doc = details.doc;
    this.receiver = details.receiver;
    this.parameters = details.parameters;
  }

  get type(): "builtin_function_or_method" {
    return "builtin_function_or_method";
  }

  truth(): boolean {
    return true;
  }

  bind(receiver: Value): Builtin {
    return new Builtin(this.name, this.implementation, { doc: this.doc, parameters: this.parameters, receiver });
  }
}
