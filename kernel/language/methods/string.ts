/** Methods of strings. What counts or cuts works on byte strings, see `text.ts`. */
import { Failure } from "../errors.ts";
import { formatFields } from "../format.ts";
import { isCased, isDigit, isLetter, isSpace, lower, title, upper } from "../letters.ts";
import { indices } from "../operators.ts";
import { checkText } from "../size.ts";
import { decodeUtf8, encodeUtf8, isAscii, mend, replaceStray } from "../text.ts";
import { forParameter, wantBool, wantInt, wantIterable, wantString, withItems } from "../unpack.ts";
import type { Value } from "../value.ts";
import { itemAt, typeName } from "../value.ts";
import { StringCodepoints, StringElements } from "../values/elements.ts";
import { List } from "../values/list.ts";
import { Tuple } from "../values/tuple.ts";
import { table } from "./table.ts";

export const STRING_METHODS = table((value) => typeof value === "string", {
  capitalize: { arity: [0, 0], run: (s) => mapCharacters(s, (c, i) => (i === 0 ? title(c) : lower(c))) },
  codepoint_ords: { arity: [0, 0], run: (s) => new StringCodepoints(s, true) },
  codepoints: { arity: [0, 0], run: (s) => new StringCodepoints(s, false) },
  count: { arity: [1, 3], run: (s, args) => count(s, args) },
  elem_ords: { arity: [0, 0], run: (s) => new StringElements(s, true) },
  elems: { arity: [0, 0], run: (s) => new StringElements(s, false) },
  endswith: { arity: [1, 3], run: (s, args) => affix("endswith", s, args, (part, wanted) => part.endsWith(wanted)) },
  find: { arity: [1, 3], run: (s, args) => find("find", s, args, false) },
  format: { arity: "any", run: (s, args, _thread, kwargs) => formatFields(s, args, kwargs) },
  index: { arity: [1, 3], run: (s, args) => found(find("index", s, args, false)) },
  isalnum: { arity: [0, 0], run: (s) => every(s, (c) => isLetter(c) || isDigit(c)) },
  isalpha: { arity: [0, 0], run: (s) => every(s, isLetter) },
  isdigit: { arity: [0, 0], run: (s) => every(s, isDigit) },
  islower: { arity: [0, 0], run: (s) => Array.from(s).some(isCased) && s === mapCharacters(s, lower) },
  isspace: { arity: [0, 0], run: (s) => every(s, isSpace) },
  istitle: { arity: [0, 0], run: (s) => isTitle(s) },
  isupper: { arity: [0, 0], run: (s) => Array.from(s).some(isCased) && s === mapCharacters(s, upper) },
  join: {
    arity: [1, 1],
    run(s, args, thread) {
      const values = forParameter("join", 1, () => wantIterable(itemAt(args, 0)));
      return withItems(thread, values, (items) => join(s, items));
    },
  },
  lower: { arity: [0, 0], run: (s) => (isAscii(s) ? s.toLowerCase() : mapCharacters(s, lower)) },
  lstrip: { arity: [0, 1], run: (s, args) => strip("lstrip", s, args, true, false) },
  partition: { arity: [1, 1], run: (s, args) => partition("partition", s, args) },
  removeprefix: {
    arity: [1, 1],
    run(s, args) {
      const [units, prefix] = [encodeUtf8(s), encodeUtf8(string("removeprefix", args, 0))];
      return units.startsWith(prefix) ? decodeUtf8(units.slice(prefix.length)) : s;
    },
  },
  removesuffix: {
    arity: [1, 1],
    run(s, args) {
      const [units, suffix] = [encodeUtf8(s), encodeUtf8(string("removesuffix", args, 0))];
      return units.endsWith(suffix) ? decodeUtf8(units.slice(0, units.length - suffix.length)) : s;
    },
  },
  replace: { arity: [2, 3], run: (s, args) => replace(s, args) },
  rfind: { arity: [1, 3], run: (s, args) => find("rfind", s, args, true) },
  rindex: { arity: [1, 3], run: (s, args) => found(find("rindex", s, args, true)) },
  rpartition: { arity: [1, 1], run: (s, args) => partition("rpartition", s, args) },
  rsplit: { arity: [0, 2], run: (s, args) => split("rsplit", s, args) },
  rstrip: { arity: [0, 1], run: (s, args) => strip("rstrip", s, args, false, true) },
  split: { arity: [0, 2], run: (s, args) => split("split", s, args) },
  splitlines: {
    arity: [0, 1],
    run(s, args) {
      const keep = args.length > 0 && forParameter("splitlines", 1, () => wantBool(itemAt(args, 0)));
      const lines = s.split("\n");
      const last = lines.pop();
      const ended = lines.map((line) => (keep ? `${line}\n` : line));
      return new List(last === undefined || last === "" ? ended : [...ended, last]);
    },
  },
  startswith: { arity: [1, 3], run: (s, args) => affix("startswith", s, args, (part, wanted) => part.startsWith(wanted)) },
  strip: { arity: [0, 1], run: (s, args) => strip("strip", s, args, true, true) },
  title: { arity: [0, 0], run: (s) => titleCase(s) },
  upper: { arity: [0, 0], run: (s) => (isAscii(s) ? s.toUpperCase() : mapCharacters(s, upper)) },
});

function string(name: string, args: readonly Value[], place: number): string {
  return forParameter(name, place + 1, () => wantString(itemAt(args, place)));
}

function mapCharacters(s: string, map: (character: string, i: number) => string): string {
  return Array.from(replaceStray(s), map).join("");
}

function every(s: string, test: (character: string) => boolean): boolean {
  return s !== "" && Array.from(s).every(test);
}

/** The bytes that optional start and end arguments select, and where they begin. */
function part(s: string, args: readonly Value[]): [units: string, start: number] {
  const units = encodeUtf8(s);
  const [start, end] = indices(args[1], args[2], units.length);
  return [units.slice(start, Math.max(start, end)), start];
}

function find(name: string, s: string, args: readonly Value[], last: boolean): number {
  const wanted = encodeUtf8(string(name, args, 0));
  const [units, start] = part(s, args);
  const place = last ? units.lastIndexOf(wanted) : units.indexOf(wanted);
  return place < 0 ? -1 : place + start;
}

function found(place: number): number {
  if (place < 0) throw new Failure("substring not found");
  return place;
}

function count(s: string, args: readonly Value[]): number {
  const wanted = encodeUtf8(string("count", args, 0));
  const [units] = part(s, args);
  // As Go's strings.Count: the empty string is found around every character.
  if (wanted === "") return Array.from(decodeUtf8(units)).length + 1;
  let times = 0;
  for (let i = units.indexOf(wanted); i >= 0; i = units.indexOf(wanted, i + wanted.length)) times++;
  return times;
}

function affix(name: string, s: string, args: readonly Value[], test: (units: string, wanted: string) => boolean): boolean {
  const [units] = part(s, args);
  const wanted = itemAt(args, 0);
  if (typeof wanted === "string") return test(units, encodeUtf8(wanted));
  if (!(wanted instanceof Tuple)) throw new Failure(`got ${typeName(wanted)}, want string or tuple of string`);
  for (const [i, one] of wanted.items.entries()) {
    if (typeof one !== "string") throw new Failure(`want string, got ${typeName(one)}, for element ${i}`);
    if (test(units, encodeUtf8(one))) return true;
  }
  return false;
}

function join(separator: string, items: readonly Value[]): string {
  const texts: string[] = [];
  let length = 0;
  for (const item of items) {
    if (typeof item !== "string") throw new Failure(`join: in list, want string, got ${typeName(item)}`);
    length += item.length + separator.length;
    checkText(length);
    texts.push(item);
  }
  return mend(texts.join(separator));
}

function partition(name: "partition" | "rpartition", s: string, args: readonly Value[]): Tuple {
  const separator = string(name, args, 0);
  if (separator === "") throw new Failure("empty separator");
  const [units, wanted] = [encodeUtf8(s), encodeUtf8(separator)];
  const place = name === "partition" ? units.indexOf(wanted) : units.lastIndexOf(wanted);
  if (place < 0) return new Tuple(name === "partition" ? [s, "", ""] : ["", "", s]);
  return new Tuple([decodeUtf8(units.slice(0, place)), separator, decodeUtf8(units.slice(place + wanted.length))]);
}

function replace(s: string, args: readonly Value[]): string {
  const [wanted, by] = [string("replace", args, 0), string("replace", args, 1)];
  const times = args.length > 2 ? forParameter("replace", 3, () => wantInt(itemAt(args, 2))) : -1;
  const limit = times < 0 ? Infinity : times;
  if (wanted === "") return mend(interleave(s, by, limit));
  const [units, pattern] = [encodeUtf8(s), encodeUtf8(wanted)];
  const pieces = splitAtMost(units, pattern, limit);
  const length = units.length + (pieces.length - 1) * (by.length - pattern.length);
  checkText(length);
  return decodeUtf8(pieces.join(encodeUtf8(by)));
}

/** Replacing the empty string puts something before every character and at the end. */
function interleave(s: string, by: string, limit: number): string {
  let out = "";
  let left = limit;
  for (const character of s) {
    if (left-- > 0) out += by;
    out += character;
  }
  if (left > 0) out += by;
  checkText(out.length);
  return out;
}

/** Cuts at the first so many separators. */
function splitAtMost(s: string, separator: string, most: number): string[] {
  if (most === Infinity) return s.split(separator);
  const pieces: string[] = [];
  let from = 0;
  while (pieces.length < most) {
    const place = s.indexOf(separator, from);
    if (place < 0) break;
    pieces.push(s.slice(from, place));
    from = place + separator.length;
  }
  pieces.push(s.slice(from));
  return pieces;
}

function split(name: "split" | "rsplit", s: string, args: readonly Value[]): List {
  const [separator] = args;
  const most = args.length > 1 ? forParameter(name, 2, () => wantInt(itemAt(args, 1))) : -1;
  if (separator === undefined || separator === null) return new List(splitSpace(name, s, most < 0 ? Infinity : most));
  if (typeof separator !== "string") throw new Failure(`split: got ${typeName(separator)} for separator, want string`);
  if (separator === "") throw new Failure("split: empty separator");
  const [units, wanted] = [encodeUtf8(s), encodeUtf8(separator)];
  if (name === "split") return new List(splitAtMost(units, wanted, most < 0 ? Infinity : most).map(decodeUtf8));
  const pieces = units.split(wanted);
  const excess = most < 0 ? 0 : pieces.length - most;
  const kept = excess > 1 ? [pieces.slice(0, excess).join(wanted), ...pieces.slice(excess)] : pieces;
  return new List(kept.map(decodeUtf8));
}

/** Fields between runs of spaces; with a limit the last one (`rsplit`: the first) keeps its spaces within. */
function splitSpace(name: "split" | "rsplit", s: string, most: number): string[] {
  const fields = [...s.matchAll(FIELD)];
  if (fields.length <= most) return fields.map(([field]) => field);
  if (name === "split") {
    const rest = fields[most];
    return [...fields.slice(0, most).map(([field]) => field), rest === undefined ? "" : s.slice(rest.index)];
  }
  const rest = fields[fields.length - most - 1];
  const kept = fields.slice(fields.length - most).map(([field]) => field);
  return [rest === undefined ? "" : s.slice(0, rest.index + rest[0].length), ...kept];
}

const SPACES = "\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const FIELD = new RegExp(`[^${SPACES}]+`, "g");

function strip(name: string, s: string, args: readonly Value[], left: boolean, right: boolean): string {
  const cutset = args.length > 0 ? string(name, args, 0) : "";
  const chosen = new Set(cutset);
  const isCut = cutset === "" ? isSpace : (c: string): boolean => chosen.has(c);
  const characters = isAscii(s) ? s : Array.from(s);
  let start = 0;
  let end = characters.length;
  if (left) while (start < end && isCut(characters[start] ?? "")) start++;
  if (right) while (end > start && isCut(characters[end - 1] ?? "")) end--;
  return typeof characters === "string" ? characters.slice(start, end) : characters.slice(start, end).join("");
}

/** Upper case only where no cased character stands before, lower case only where one does. */
function isTitle(s: string): boolean {
  let cased = false;
  let afterCased = false;
  for (const c of s) {
    if (/^[\p{Lu}\p{Lt}]$/u.test(c)) {
      if (afterCased || !/^[A-Z\p{Lt}]$/u.test(c)) return false;
      afterCased = cased = true;
    } else if (/^\p{Ll}$/u.test(c)) {
      if (!afterCased) return false;
      afterCased = cased = true;
    } else afterCased = false;
  }
  return cased;
}

function titleCase(s: string): string {
  let afterCased = false;
  return mapCharacters(s, (c) => {
    const mapped = afterCased ? lower(c) : title(c);
    afterCased = isCased(mapped);
    return mapped;
  });
}
