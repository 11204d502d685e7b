/**
 * A line of output as the fields of an event. Fields are flat texts, as filters compare them; `data` keeps the types where the
 * format has any. A line that doesn't decode has no fields: it is kept as it is.
 */
import type { Decoder } from "../../model/declaration.ts";
import type { Json } from "../../model/json.ts";
import { Problem } from "../../model/problem.ts";

export interface Decoded {
  readonly fields: Readonly<Record<string, string>>;
  readonly data: Json;
}

/** What a decoder finds in a line; undefined where the line is not in its format. */
export type Decode = (line: string) => Decoded | undefined;

/** A regular expression sees no more of a line than this: one that backtracks must not hold up the session for long. */
const REGEX_LINE_MAX = 4096;

/** Problem DECODER_PATTERN for a regular expression that is none, or that names no group. */
export function compileDecoder(decoder: Decoder): Decode {
  switch (decoder.kind) {
    case "json":
      return decodeJson;
    case "logfmt":
      return decodeLogfmt;
    case "regex":
      return regexDecoder(decoder.pattern);
  }
}

function decodeJson(line: string): Decoded | undefined {
  if (!line.trimStart().startsWith("{")) return undefined;
  let value: Json;
  try {
    value = JSON.parse(line) as Json;
  } catch {
    return undefined;
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) return undefined;
  return { fields: flatten(value), data: value };
}

/** Texts as they are, numbers, booleans and null as JSON writes them, nested values as JSON text. */
function flatten(value: object): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, typeof member === "string" ? member : JSON.stringify(member)]),
  );
}

/** `key=value key="quoted value" flag`, as Go's and Heroku's loggers write it: at least one `=`, a bare key is "true". */
function decodeLogfmt(line: string): Decoded | undefined {
  const fields: Record<string, string> = {};
  const pair = /\s*([^\s="]+)(=(?:"((?:[^"\\]|\\.)*)"|([^\s"]*)))?(?=\s|$)/uy;
  let pairs = 0;
  while (pair.lastIndex < line.trimEnd().length) {
    const found = pair.exec(line);
    if (found?.[1] === undefined) return undefined;
    const quoted = found[3];
    fields[found[1]] = quoted === undefined ? (found[4] ?? "true") : unquoted(quoted);
    if (found[2] !== undefined) pairs++;
  }
  return pairs === 0 ? undefined : { fields, data: fields };
}

function unquoted(text: string): string {
  return text.replace(/\\(.)/gsu, (_, char: string) => ({ n: "\n", t: "\t", r: "\r" })[char] ?? char);
}

function regexDecoder(pattern: string): Decode {
  let expression: RegExp;
  try {
    // Python and Go, whose syntax authors of specs have at hand, write a named group with a P.
    expression = new RegExp(pattern.replaceAll("(?P<", "(?<"), "u");
  } catch (error) {
    throw new Problem(
      "DECODER_PATTERN",
      "spec",
      `the pattern of a regex decoder is no regular expression: ${error instanceof Error ? error.message : String(error)}`,
      'A pattern looks like "level=(?P<level>\\\\w+) took (?P<ms>\\\\d+)ms".',
      { cause: error },
    );
  }
  if (!/\(\?<[^=!]/.test(expression.source)) {
    throw new Problem(
      "DECODER_PATTERN",
      "spec",
      `the pattern of a regex decoder names no group: ${pattern}`,
      "Each named group, (?P<name>…), becomes a field of the event.",
    );
  }
  return (line) => {
    const groups = expression.exec(line.slice(0, REGEX_LINE_MAX))?.groups;
    if (groups === undefined) return undefined;
    const fields: Record<string, string> = {};
    // A group that took no part in the match is absent, whatever the types say.
    for (const [name, text] of Object.entries(groups as Record<string, string | undefined>)) if (text !== undefined) fields[name] = text;
    return { fields, data: fields };
  };
}
