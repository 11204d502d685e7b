/** `x.name`: methods of the language's own types, attributes of the host's values. */
import { Failure } from "./errors.ts";
import { BYTES_METHODS } from "./methods/bytes.ts";
import { DICT_METHODS } from "./methods/dict.ts";
import { LIST_METHODS } from "./methods/list.ts";
import { SET_METHODS } from "./methods/set.ts";
import { STRING_METHODS } from "./methods/string.ts";
import { didYouMean } from "./spell.ts";
import type { Value } from "./value.ts";
import { HostValue, typeName } from "./value.ts";
import type { Builtin } from "./values/builtin.ts";
import { Bytes } from "./values/bytes.ts";
import { Dict } from "./values/dict.ts";
import { List } from "./values/list.ts";
import { StarlarkSet } from "./values/set.ts";

const NONE: ReadonlyMap<string, Builtin> = new Map();

function methods(value: Value): ReadonlyMap<string, Builtin> {
  if (typeof value === "string") return STRING_METHODS;
  if (value instanceof List) return LIST_METHODS;
  if (value instanceof Dict) return DICT_METHODS;
  if (value instanceof StarlarkSet) return SET_METHODS;
  if (value instanceof Bytes) return BYTES_METHODS;
  return NONE;
}

/** A method of the language's own types, not yet bound to its object. */
export function method(value: Value, name: string): Builtin | undefined {
  return methods(value).get(name);
}

export function findAttribute(value: Value, name: string): Value | undefined {
  if (value instanceof HostValue) return value.attr?.(name);
  return method(value, name)?.bind(value);
}

/** The value of an attribute; throws, with a suggestion, when there is none. */
export function attribute(value: Value, name: string): Value {
  const found = findAttribute(value, name);
  if (found !== undefined) return found;
  const message = (value instanceof HostValue ? value.missing?.(name) : undefined) ?? `${typeName(value)} has no .${name} field or method`;
  throw new Failure(`${message}${didYouMean(name, attributeNames(value), ".")}`);
}

/** In alphabetical order. */
export function attributeNames(value: Value): string[] {
  const names = value instanceof HostValue ? (value.attrNames?.() ?? []) : methods(value).keys();
  return [...names].sort();
}
