/** Makes a value and everything within it unchangeable, for good. */
import type { Value } from "./value.ts";
import { HostValue } from "./value.ts";
import { Builtin } from "./values/builtin.ts";
import { Dict } from "./values/dict.ts";
import { StarlarkFunction } from "./values/function.ts";
import { List } from "./values/list.ts";
import { StarlarkSet } from "./values/set.ts";
import { Tuple } from "./values/tuple.ts";

/** Goes through a list of what is left to do, since values can be nested deeper than the engine's stack. */
export function freeze(value: Value): void {
  const left: Value[] = [value];
  const seen = new Set<Value>();
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (typeof next !== "object" || next === null || seen.has(next)) continue;
    seen.add(next);
    if (next instanceof List || next instanceof Dict || next instanceof StarlarkSet) {
      if (next.frozen) continue;
      next.markFrozen();
    }
    for (const part of parts(next)) left.push(part);
  }
}

function parts(value: Value): Iterable<Value> {
  if (value instanceof List || value instanceof Tuple) return value.items;
  if (value instanceof Dict) return [...value.entries()].flat();
  if (value instanceof StarlarkSet) return value.values();
  if (value instanceof StarlarkFunction) {
    const variables = value.free.map((cell) => cell.value);
    return [...value.defaults, ...variables].filter((part) => part !== undefined);
  }
  if (value instanceof Builtin) return value.receiver === undefined ? [] : [value.receiver];
  return value instanceof HostValue ? (value.parts?.() ?? []) : [];
}
