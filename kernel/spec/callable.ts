/** Whatever a spec may give where a function is wanted: its own, or a built-in. */
import { Builtin, StarlarkFunction } from "../language/index.ts";
import type { Value } from "../language/index.ts";

export type Callable = StarlarkFunction | Builtin;

export function isCallable(value: Value): value is Callable {
  return value instanceof StarlarkFunction || value instanceof Builtin;
}
