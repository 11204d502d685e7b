/** The module `json`: texts of RFC 8259 from values, and back. Exact: ints of any size stay ints. */
import { shortest } from "../decimal.ts";
import { Failure } from "../errors.ts";
import { int } from "../integer.ts";
import { open } from "../iterate.ts";
import { repr } from "../repr.ts";
import { byteLength, compareText, replaceStray } from "../text.ts";
import { forParameter, label, named, positional, wantString } from "../unpack.ts";
import type { Value } from "../value.ts";
import { HostValue, itemAt, typeName } from "../value.ts";
import type { Keywords } from "../values/builtin.ts";
import { Builtin } from "../values/builtin.ts";
import { Dict } from "../values/dict.ts";
import { Float } from "../values/float.ts";
import { List } from "../values/list.ts";

export const jsonMembers: ReadonlyMap<string, Value> = new Map([
  member("encode", "json.encode(x): the value as JSON", (name, args, kwargs) => {
    positional(name, args, kwargs, 1, 1);
    return encode(itemAt(args, 0), name);
  }),
  member(
    "encode_indent",
    'json.encode_indent(x, prefix = "", indent = "\\t"): the value as JSON on several lines',
    (name, args, kwargs) => {
      const [prefix, step] = layout(name, kwargs);
      positional(name, args, new Map(), 1, 1);
      return indent(encode(itemAt(args, 0), name), prefix, step);
    },
  ),
  member("decode", "json.decode(text, default): the value that JSON stands for", (name, args, kwargs) => {
    const [text, otherwise] = named(name, args, kwargs, ["x", "default?"]);
    const json = forParameter(name, label("x", kwargs), () => wantString(text ?? null));
    if (args.length < 1) throw new Failure(`${name}: unexpected keyword argument x`);
    try {
      return new Decoder(json).decode();
    } catch (error) {
      if (error instanceof DecodeFailure && otherwise !== undefined) return otherwise;
      throw error;
    }
  }),
  member("indent", 'json.indent(text, prefix = "", indent = "\\t"): JSON spread over several lines', (name, args, kwargs) => {
    const [prefix, step] = layout(name, kwargs);
    positional(name, args, new Map(), 1, 1);
    const json = forParameter(name, 1, () => wantString(itemAt(args, 0)));
    try {
      new Decoder(json).decode();
    } catch (error) {
      throw error instanceof Failure ? new Failure(error.message.replace("json.decode", name)) : error;
    }
    return indent(json, prefix, step);
  }),
]);

function member(name: string, doc: string, run: (name: string, args: readonly Value[], kwargs: Keywords) => Value): [string, Value] {
  const full = `json.${name}`;
  return [name, new Builtin(full, (_thread, args, kwargs) => run(full, args, kwargs), { doc })];
}

function layout(name: string, kwargs: Keywords): [prefix: string, indent: string] {
  const [prefix = "", step = "\t"] = named(name, [], kwargs, ["prefix?", "indent?"]);
  return [
    forParameter(name, label("prefix", kwargs), () => wantString(prefix)),
    forParameter(name, label("indent", kwargs), () => wantString(step)),
  ];
}

function encode(value: Value, name: string): string {
  const out: string[] = [];
  try {
    write(value, out, []);
  } catch (error) {
    throw error instanceof Failure ? new Failure(`${name}: ${error.message}`) : error;
  }
  return out.join("");
}

function write(value: Value, out: string[], path: readonly Value[]): void {
  switch (typeof value) {
    case "string":
      out.push(quote(value));
      return;
    case "number":
    case "bigint":
    case "boolean":
      out.push(String(value));
      return;
    default:
  }
  if (value === null) {
    out.push("null");
    return;
  }
  if (value instanceof Float) {
    if (!Number.isFinite(value.value)) throw new Failure(`cannot encode non-finite float ${shortest(value.value)}`);
    out.push(shortest(value.value));
    return;
  }
  if (path.includes(value)) throw new Failure("cycle in JSON structure");
  const within = [...path, value];
  if (value instanceof Dict) {
    writeObject(dictEntries(value), out, within, (key) => `in dict key ${repr(key)}`);
    return;
  }
  const cursor = open(value);
  if (cursor === undefined) {
    if (!(value instanceof HostValue) || value.attrNames === undefined) throw new Failure(`cannot encode ${typeName(value)} as JSON`);
    const names = value.attrNames().toSorted(compareText);
    writeObject(
      names.map((key) => [key, value.attr?.(key) ?? null]),
      out,
      within,
      (key) => `in field .${key}`,
    );
    return;
  }
  out.push("[");
  try {
    let i = 0;
    for (let item = cursor.next(); item !== undefined; item = cursor.next(), i++) {
      if (i > 0) out.push(",");
      nested(`at ${typeName(value)} index ${i}`, item, out, within);
    }
  } finally {
    cursor.close();
  }
  out.push("]");
}

function dictEntries(dict: Dict): [string, Value][] {
  const entries: [string, Value][] = [];
  for (const { key, value } of dict.records()) {
    if (typeof key !== "string") throw new Failure(`dict has ${typeName(key)} key, want string`);
    entries.push([key, value]);
  }
  return entries.sort(([a], [b]) => compareText(a, b));
}

function writeObject(
  entries: readonly (readonly [string, Value])[],
  out: string[],
  path: readonly Value[],
  where: (key: string) => string,
): void {
  out.push("{");
  for (const [i, [key, value]] of entries.entries()) {
    if (i > 0) out.push(",");
    out.push(quote(key), ":");
    nested(where(key), value, out, path);
  }
  out.push("}");
}

function nested(where: string, value: Value, out: string[], path: readonly Value[]): void {
  try {
    write(value, out, path);
  } catch (error) {
    throw error instanceof Failure ? new Failure(`${where}: ${error.message}`) : error;
  }
}

/** As Go's encoding/json: characters that HTML or JavaScript might stumble over are escaped, unless all is plain ASCII. */
function quote(text: string): string {
  const json = JSON.stringify(replaceStray(text));
  if (/^[\x20-\x7e]*$/.test(text)) return json;
  return json.replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Puts each element of an array or object on a line of its own; the text must be JSON. */
function indent(json: string, prefix: string, step: string): string {
  let out = "";
  let depth = 0;
  const line = (): string => `\n${prefix}${step.repeat(depth)}`;
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s[\]{},:"]+/g)) {
    if (token === "[" || token === "{") {
      depth++;
      out += token + line();
    } else if (token === "]" || token === "}") {
      depth--;
      // Nothing stands between the brackets of an empty array or object.
      const isEmpty = out.endsWith(`${token === "]" ? "[" : "{"}\n${prefix}${step.repeat(depth + 1)}`);
      out = isEmpty ? out.slice(0, out.lastIndexOf("\n")) + token : out + line() + token;
    } else out += token === "," ? `,${line()}` : token === ":" ? ": " : token;
  }
  return out;
}

class DecodeFailure extends Failure {}

const NESTING_MAX = 1000;

class Decoder {
  readonly #text: string;
  #i = 0;
  #nesting = 0;

  constructor(text: string) {
    this.#text = text;
  }

  decode(): Value {
    const value = this.#value();
    this.#skipSpace();
    if (this.#i < this.#text.length) throw this.#error(`unexpected character ${this.#quoted()} after value`);
    return value;
  }

  #value(): Value {
    if (++this.#nesting > NESTING_MAX) throw this.#error("excessive nesting");
    const value = this.#any();
    this.#nesting--;
    return value;
  }

  #any(): Value {
    const c = this.#next();
    switch (c) {
      case '"':
        return this.#string();
      case "[":
        return this.#array();
      case "{":
        return this.#object();
      default:
    }
    for (const [word, value] of [
      ["null", null],
      ["true", true],
      ["false", false],
    ] as const) {
      if (!this.#text.startsWith(word, this.#i)) continue;
      this.#i += word.length;
      return value;
    }
    if (/[0-9-]/.test(c)) return this.#number();
    throw this.#error(`unexpected character ${this.#quoted()}`);
  }

  #string(): string {
    const start = this.#i;
    let end = start + 1;
    while (this.#text[end] !== '"') {
      if (this.#text[end] === "\\") end++;
      if (++end > this.#text.length) throw this.#error("unclosed string literal");
    }
    this.#i = end + 1;
    const spelling = this.#text.slice(start, this.#i);
    if (!spelling.includes("\\")) return spelling.slice(1, -1);
    try {
      return String(JSON.parse(replaceStray(spelling))).toWellFormed();
    } catch {
      throw this.#error(`invalid string literal ${spelling}`);
    }
  }

  #array(): Value {
    const items: Value[] = [];
    this.#i++;
    if (this.#next() !== "]") {
      for (;;) {
        items.push(this.#value());
        const c = this.#next();
        if (c === "]") break;
        if (c !== ",") throw this.#error(`got ${this.#quoted()}, want ',' or ']'`);
        this.#i++;
      }
    }
    this.#i++;
    return new List(items);
  }

  #object(): Value {
    const dict = new Dict();
    this.#i++;
    if (this.#next() !== "}") {
      for (;;) {
        const key = this.#value();
        if (typeof key !== "string") throw this.#error(`got ${typeName(key)} for object key, want string`);
        if (this.#next() !== ":") throw this.#error(`after object key, got ${this.#quoted()}, want ':' `);
        this.#i++;
        dict.set(key, this.#value());
        const c = this.#next();
        if (c === "}") break;
        if (c !== ",") throw this.#error(`in object, got ${this.#quoted()}, want ',' or '}'`);
        this.#i++;
      }
    }
    this.#i++;
    return dict;
  }

  #number(): Value {
    const spelling = this.#match(/[0-9-][0-9.eE+-]*/y);
    this.#i += spelling.length;
    if (/^-?(0|[1-9][0-9]*)$/.test(spelling)) {
      const value = Number(spelling);
      return Number.isSafeInteger(value) ? value + 0 : int(BigInt(spelling));
    }
    const value = Number(spelling);
    if (/^-?0[0-9]/.test(spelling) || !Number.isFinite(value)) throw this.#error(`invalid number: ${spelling}`);
    return new Float(value);
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#i;
    return pattern.exec(this.#text)?.[0] ?? "";
  }

  #skipSpace(): void {
    while (" \t\n\r".includes(this.#text[this.#i] ?? "x")) this.#i++;
  }

  #next(): string {
    this.#skipSpace();
    const c = this.#text[this.#i];
    if (c === undefined) throw this.#error("unexpected end of file");
    return c;
  }

  #quoted(): string {
    return `'${String.fromCodePoint(this.#text.codePointAt(this.#i) ?? 0)}'`;
  }

  #error(message: string): DecodeFailure {
    return new DecodeFailure(`json.decode: at offset ${byteLength(this.#text.slice(0, this.#i))}, ${message}`);
  }
}
