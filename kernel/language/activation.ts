/** A function that is running: its variables and how far it has come. */
import type { FunctionCode } from "./scope.ts";
import type { Thread } from "./thread.ts";
import type { Value } from "./value.ts";
import type { Cell } from "./values/function.ts";

export interface Activation {
  readonly thread: Thread;
  readonly code: FunctionCode;
  readonly free: readonly Cell[];
  readonly locals: (Value | undefined)[];
  readonly cells: readonly Cell[];
  readonly caller: Activation | undefined;
  readonly depth: number;
  /** Offset of the operation under way, for errors. */
  at: number;
  result: Value;
}
