/** Values as texts: `repr` as they could be written in the language, `str` for people. */
import { shortest } from "./decimal.ts";
import { quote } from "./literal.ts";
import { replaceStray, decodeUtf8 } from "./text.ts";
import type { Value } from "./value.ts";
import { typeName } from "./value.ts";
import { Builtin } from "./values/builtin.ts";
import { Bytes } from "./values/bytes.ts";
import { Dict } from "./values/dict.ts";
import { Float } from "./values/float.ts";
import { StarlarkFunction } from "./values/function.ts";
import { List } from "./values/list.ts";
import { Range } from "./values/range.ts";
import { StarlarkSet } from "./values/set.ts";
import { Tuple } from "./values/tuple.ts";

/** A list or dict that contains itself shows as `[...]` or `{...}` there. */
export function repr(value: Value): string {
  const parts: string[] = [];
  write(value, parts, []);
  return parts.join("");
}

/** A string is itself, bytes are read as UTF-8; anything else as `repr`. */
export function str(value: Value): string {
  if (typeof value === "string") return value;
  if (value instanceof Bytes) return replaceStray(decodeUtf8(value.units));
  return repr(value);
}

function write(value: Value, out: string[], path: Value[]): void {
  switch (typeof value) {
    case "string":
      out.push(quote(value));
      return;
    case "number":
    case "bigint":
      out.push(String(value));
      return;
    case "boolean":
      out.push(value ? "True" : "False");
      return;
    default:
  }
  if (value === null) out.push("None");
  else if (value instanceof Float) out.push(shortest(value.value));
  else if (value instanceof List) writeList(value, out, path);
  else if (value instanceof Tuple) {
    out.push("(");
    writeItems(value.items, out, path);
    out.push(value.length === 1 ? ",)" : ")");
  } else if (value instanceof Dict) writeDict(value, out, path);
  else if (value instanceof StarlarkSet) {
    out.push("set([");
    writeItems(value.values(), out, path);
    out.push("])");
  } else if (value instanceof Bytes) out.push(quoteBytes(value));
  else if (value instanceof Range) out.push(rangeText(value));
  else if (value instanceof StarlarkFunction) out.push(`<function ${value.name}>`);
  else if (value instanceof Builtin) {
    const { name, receiver } = value;
    out.push(receiver === undefined ? `<built-in function ${name}>` : `<built-in method ${name} of ${typeName(receiver)} value>`);
  } else out.push(value.repr());
}

function writeItems(items: Iterable<Value>, out: string[], path: Value[]): void {
  let first = true;
  for (const item of items) {
    if (!first) out.push(", ");
    first = false;
    write(item, out, path);
  }
}

function writeList(list: List, out: string[], path: Value[]): void {
  if (path.includes(list)) {
    out.push("[...]");
    return;
  }
  path.push(list);
  out.push("[");
  writeItems(list.items, out, path);
  out.push("]");
  path.pop();
}

function writeDict(dict: Dict, out: string[], path: Value[]): void {
  if (path.includes(dict)) {
    out.push("{...}");
    return;
  }
  path.push(dict);
  out.push("{");
  let first = true;
  for (const { key, value } of dict.records()) {
    if (!first) out.push(", ");
    first = false;
    write(key, out, path);
    out.push(": ");
    write(value, out, path);
  }
  out.push("}");
  path.pop();
}

function quoteBytes(bytes: Bytes): string {
  return `b${quote(decodeUtf8(bytes.units))}`;
}

function rangeText({ start, stop, step }: Range): string {
  if (step !== 1) return `range(${start}, ${stop}, ${step})`;
  return start === 0 ? `range(${stop})` : `range(${start}, ${stop})`;
}
