/** Reading and writing variables, wherever the resolver found them to live. */
import type { Activation } from "./activation.ts";
import { Failure } from "./errors.ts";
import type { Name } from "./tree.ts";
import { itemAt } from "./value.ts";
import type { Value } from "./value.ts";

export function lookup(a: Activation, e: Name): Value {
  const { binding } = e;
  let value: Value | undefined;
  switch (binding.scope) {
    case "local":
      value = a.locals[binding.index];
      break;
    case "global":
      value = binding.slot?.value;
      break;
    case "constant":
      value = binding.value;
      break;
    case "cell":
      value = a.cells[binding.cell]?.value;
      break;
    case "free":
      value = a.free[binding.index]?.value;
      break;
    case "undefined":
      break;
  }
  if (value !== undefined) return value;
  a.at = e.start;
  throw new Failure(`${binding.scope === "global" ? "global" : "local"} variable ${e.name} referenced before assignment`);
}

export function store(a: Activation, e: Name, value: Value): void {
  const { binding } = e;
  switch (binding.scope) {
    case "local":
      a.locals[binding.index] = value;
      break;
    case "global":
      if (binding.slot !== undefined) binding.slot.value = value;
      break;
    case "cell":
      itemAt(a.cells, binding.cell).value = value;
      break;
    case "free":
    case "constant":
    case "undefined":
      throw new Failure(`internal error: assignment to ${binding.scope} ${e.name}`);
  }
}
