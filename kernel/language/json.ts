/** Values as plain JavaScript data, and back. */
import { Failure } from "./errors.ts";
import { int } from "./integer.ts";
import { open } from "./iterate.ts";
import { replaceStray } from "./text.ts";
import type { Value } from "./value.ts";
import { HostValue, typeName } from "./value.ts";
import { Dict } from "./values/dict.ts";
import { Float } from "./values/float.ts";
import { List } from "./values/list.ts";

/** What JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * The data that a value stands for: None is null, dicts with string keys and structs are objects, other sequences arrays. An
 * int beyond the safe ones loses digits. Throws for functions, bytes, infinite floats and cycles.
 */
export function toJson(value: Value): Json {
  return convert(value, []);
}

function convert(value: Value, path: readonly Value[]): Json {
  if (typeof value === "string") return replaceStray(value);
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Float) {
    if (Number.isFinite(value.value)) return value.value;
    throw new Failure(`cannot encode non-finite float ${value.value}`);
  }
  if (path.includes(value)) throw new Failure("cycle in JSON structure");
  const within = [...path, value];
  if (value instanceof Dict) {
    const entries: [string, Json][] = [];
    for (const { key, value: item } of value.records()) {
      if (typeof key !== "string") throw new Failure(`dict has ${typeName(key)} key, want string`);
      entries.push([replaceStray(key), convert(item, within)]);
    }
    return Object.fromEntries(entries);
  }
  const cursor = open(value);
  if (cursor !== undefined) {
    const items: Json[] = [];
    try {
      for (let item = cursor.next(); item !== undefined; item = cursor.next()) items.push(convert(item, within));
    } finally {
      cursor.close();
    }
    return items;
  }
  if (value instanceof HostValue && value.attrNames !== undefined) {
    return Object.fromEntries(value.attrNames().map((name) => [name, convert(value.attr?.(name) ?? null, within)]));
  }
  throw new Failure(`cannot encode ${typeName(value)} as JSON`);
}

/**
 * The value that data stands for: whole numbers are ints, others floats; arrays are lists, objects dicts, absent is None.
 * Throws for what is no data, such as a function.
 */
export function fromJson(data: unknown): Value {
  switch (typeof data) {
    case "string":
      return data.toWellFormed();
    case "boolean":
      return data;
    case "bigint":
      return int(data);
    case "number":
      return Number.isSafeInteger(data) ? data + 0 : new Float(data);
    case "undefined":
      return null;
    case "object": {
      if (data === null) return null;
      if (Array.isArray(data)) return new List(data.map(fromJson));
      const dict = new Dict();
      for (const [key, item] of Object.entries(data)) dict.set(key.toWellFormed(), fromJson(item));
      return dict;
    }
    default:
      throw new Failure(`cannot make a value of ${typeof data}`);
  }
}
