/** Methods of sets. */
import { Failure } from "../errors.ts";
import { open } from "../iterate.ts";
import { difference, intersection, symmetricDifference } from "../operators.ts";
import { forParameter, wantIterable } from "../unpack.ts";
import type { Value } from "../value.ts";
import { itemAt, typeName } from "../value.ts";
import type { Keywords } from "../values/builtin.ts";
import { StarlarkSet } from "../values/set.ts";
import { table } from "./table.ts";

export const SET_METHODS = table((value) => value instanceof StarlarkSet, {
  add: {
    arity: [1, 1],
    run(set, args) {
      set.add(itemAt(args, 0));
      return null;
    },
  },
  clear: {
    arity: [0, 0],
    run(set) {
      if (set.size > 0) set.clear();
      return null;
    },
  },
  difference: { arity: [1, 1], run: (set, args) => difference(set, elements("difference", args)) },
  discard: {
    arity: [1, 1],
    run(set, args) {
      set.delete(itemAt(args, 0));
      return null;
    },
  },
  intersection: { arity: [1, 1], run: (set, args) => intersection(set, elements("intersection", args)) },
  issubset: { arity: [1, 1], run: (set, args) => intersection(set, elements("issubset", args)).size === set.size },
  issuperset: { arity: [1, 1], run: (set, args) => elements("issuperset", args).every((value) => set.has(value)) },
  pop: {
    arity: [0, 0],
    run(set) {
      for (const value of set.values()) {
        set.delete(value);
        return value;
      }
      throw new Failure("empty set");
    },
  },
  remove: {
    arity: [1, 1],
    run(set, args) {
      if (!set.delete(itemAt(args, 0))) throw new Failure("missing key");
      return null;
    },
  },
  symmetric_difference: { arity: [1, 1], run: (set, args) => symmetricDifference(set, elements("symmetric_difference", args)) },
  union: {
    arity: "any",
    run(set, args, _thread, kwargs) {
      const all = new StarlarkSet(set.values());
      addAll(all, args, kwargs);
      return all;
    },
  },
  update: {
    arity: "any",
    run(set, args, _thread, kwargs) {
      addAll(set, args, kwargs);
      return null;
    },
  },
});

function addAll(set: StarlarkSet, args: readonly Value[], kwargs: Keywords): void {
  if (kwargs.size > 0) throw new Failure("does not accept keyword arguments");
  for (const [i, arg] of args.entries()) {
    const values = collect(arg);
    if (values === undefined) throw new Failure(`argument #${i + 1} is not iterable: ${typeName(arg)}`);
    for (const value of values) set.add(value);
  }
}

function elements(name: string, args: readonly Value[]): Value[] {
  return collect(forParameter(name, 1, () => wantIterable(itemAt(args, 0)))) ?? [];
}

function collect(iterable: Value): Value[] | undefined {
  const cursor = open(iterable);
  if (cursor === undefined) return undefined;
  try {
    const values: Value[] = [];
    for (let value = cursor.next(); value !== undefined; value = cursor.next()) values.push(value);
    return values;
  } finally {
    cursor.close();
  }
}
