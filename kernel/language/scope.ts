/** What the resolver finds out: what each name refers to, and what a function needs to run. */
import type { Slot } from "./module.ts";
import type { Source } from "./source.ts";
import type { Expression, Name, Parameter, Statement } from "./tree.ts";
import type { Value } from "./value.ts";

/**
 * Where a name's value lives. `local` is a place in the frame's array; `cell` is a local that inner functions use too, kept
 * in a box; `free` is such a box of an outer function; `global` is a module's slot; `constant` is predeclared or universal.
 */
export type Scope = "local" | "cell" | "free" | "global" | "constant" | "undefined";

/** One variable. All uses of a local share one binding, so that it can become a cell when an inner function turns up. */
export interface Binding {
  scope: Scope;
  readonly name: string;
  /** Place in the frame's locals, or in the function's free cells. */
  readonly index: number;
  /** Place among the frame's cells, once it is one. */
  cell: number;
  /** The binding use that came first, for messages. */
  readonly first: Name | undefined;
  readonly slot: Slot | undefined;
  readonly value: Value | undefined;
}

export const UNRESOLVED: Binding = { scope: "undefined", name: "", index: 0, cell: 0, first: undefined, slot: undefined, value: undefined };

/** A function's text made ready to run; a function value adds defaults and free cells. */
export interface FunctionCode {
  readonly name: string;
  readonly source: Source;
  readonly start: number;
  readonly parameters: readonly Parameter[];
  /** Names of the ordinary parameters in order of their locals, keyword-only ones last, without `*args` and `**kwargs`. */
  readonly names: readonly string[];
  readonly keywordOnly: number;
  readonly hasRest: boolean;
  readonly hasExtra: boolean;
  readonly doc: string | undefined;
  readonly body:
    { readonly kind: "block"; readonly statements: readonly Statement[] } | { readonly kind: "value"; readonly expression: Expression };
  readonly recursion: boolean;
  /** The whole body runs at once: a call of it never suspends. */
  atOnce: boolean;
  locals: number;
  cells: number;
  /** Locals that are parameters and cells too: moved into their boxes on entry. */
  cellParameters: readonly Binding[];
  /** For each free cell, the enclosing function's binding it is taken from. */
  free: readonly Binding[];
}
