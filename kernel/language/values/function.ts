/** Functions written in the language, as values. */
import type { FunctionCode } from "../scope.ts";
import type { Value } from "../value.ts";

/** A variable shared by a function and functions within it. */
export interface Cell {
  value: Value | undefined;
}

/** A function written in the language; equal to itself only. */
export class StarlarkFunction {
  readonly code: FunctionCode;
  /** One place for each parameter of `code.names`; undefined where an argument is required. */
  readonly defaults: readonly (Value | undefined)[];
  readonly free: readonly Cell[];

  constructor(code: FunctionCode, defaults: readonly (Value | undefined)[], free: readonly Cell[]) {
    this.code = code;
    this.defaults = defaults;
    this.free = free;
  }

  get type(): "function" {
    return "function";
  }

  /** `lambda` for those without a name. */
  get name(): string {
    return this.code.name;
  }

  /** The text right at the start of the body, when it is a string. */
  get doc(): string | undefined {
    return this.code.doc;
  }

  truth(): boolean {
    return true;
  }
}
