/** Methods of dicts. */
import { Failure } from "../errors.ts";
import { lengthOf, open } from "../iterate.ts";
import { repr } from "../repr.ts";
import type { Value } from "../value.ts";
import { itemAt, typeName } from "../value.ts";
import type { Keywords } from "../values/builtin.ts";
import { Dict } from "../values/dict.ts";
import { List } from "../values/list.ts";
import { Tuple } from "../values/tuple.ts";
import { table } from "./table.ts";

export const DICT_METHODS = table((value) => value instanceof Dict, {
  clear: {
    arity: [0, 0],
    bare: true,
    run(dict) {
      dict.clear();
      return null;
    },
  },
  get: {
    arity: [1, 2],
    run(dict, args) {
      const value = dict.get(itemAt(args, 0));
      return value === undefined ? (args[1] ?? null) : value;
    },
  },
  items: { arity: [0, 0], run: (dict) => new List(Array.from(dict.records(), ({ key, value }) => new Tuple([key, value]))) },
  keys: { arity: [0, 0], run: (dict) => new List([...dict.keys()]) },
  pop: {
    arity: [1, 2],
    run(dict, args) {
      const removed = dict.delete(itemAt(args, 0));
      const value = removed === undefined ? args[1] : removed;
      if (value === undefined) throw new Failure("missing key");
      return value;
    },
  },
  popitem: {
    arity: [0, 0],
    run(dict) {
      for (const { key, value } of dict.records()) {
        dict.delete(key);
        return new Tuple([key, value]);
      }
      throw new Failure("empty dict");
    },
  },
  setdefault: {
    arity: [1, 2],
    run(dict, args) {
      const key = itemAt(args, 0);
      const known = dict.get(key);
      if (known !== undefined) return known;
      const value = args[1] ?? null;
      dict.set(key, value);
      return value;
    },
  },
  update: {
    arity: "any",
    run(dict, args, _thread, kwargs) {
      updateDict(dict, "update", args, kwargs);
      return null;
    },
  },
  values: { arity: [0, 0], run: (dict) => new List(Array.from(dict.records(), ({ value }) => value)) },
});

/** Puts the entries of a dict, or of a sequence of pairs, and the keywords into a dict: `dict(…)` and `update`. */
export function updateDict(dict: Dict, name: string, args: readonly Value[], kwargs: Keywords): void {
  if (args.length > 1) throw new Failure(`${name}: got ${args.length} arguments, want at most 1`);
  const [updates] = args;
  if (updates instanceof Dict) for (const { key, value } of [...updates.records()]) dict.set(key, value);
  else if (updates !== undefined) updateFromPairs(dict, updates);
  for (const [keyword, value] of kwargs) dict.set(keyword, value);
}

function updateFromPairs(dict: Dict, pairs: Value): void {
  const cursor = open(pairs);
  if (cursor === undefined) throw new Failure(`got ${typeName(pairs)}, want iterable`);
  try {
    let i = 0;
    for (let pair = cursor.next(); pair !== undefined; pair = cursor.next(), i++) {
      const element = `dictionary update sequence element #${i}`;
      const inner = open(pair);
      if (inner === undefined) throw new Failure(`${element} is not iterable (${typeName(pair)})`);
      try {
        const length = lengthOf(pair);
        if (length === undefined) throw new Failure(`${element} has unknown length (${typeName(pair)})`);
        if (length !== 2) throw new Failure(`${element} has length ${length}, want 2`);
        const key = inner.next();
        const value = inner.next();
        if (key === undefined || value === undefined) throw new Failure(`${element} ended early: ${repr(pair)}`);
        dict.set(key, value);
      } finally {
        inner.close();
      }
    }
  } finally {
    cursor.close();
  }
}
