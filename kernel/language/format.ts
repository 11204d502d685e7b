/** `format % values` and `format.format(…)`. */
import { formatFloat } from "./decimal.ts";
import { Failure } from "./errors.ts";
import type { Int } from "./integer.ts";
import { isInt, truncate } from "./integer.ts";
import { repr } from "./repr.ts";
import { mend, replaceStray } from "./text.ts";
import type { Value } from "./value.ts";
import { HostValue, typeName } from "./value.ts";
import type { Keywords } from "./values/builtin.ts";
import { Dict } from "./values/dict.ts";
import { Float } from "./values/float.ts";
import { Tuple } from "./values/tuple.ts";

/** `format % operand`: a tuple holds several arguments, a dict those of `%(name)s`. */
export function interpolate(format: string, operand: Value): string {
  const positional = operand instanceof Tuple ? operand.items : [operand];
  const isMapping = operand instanceof Dict || (operand instanceof HostValue && operand.index !== undefined);
  let out = "";
  let used = 0;
  let i = 0;
  for (;;) {
    const percent = format.indexOf("%", i);
    out += format.slice(i, percent < 0 ? undefined : percent);
    if (percent < 0) break;
    i = percent + 1;
    if (format[i] === "%") {
      out += "%";
      i++;
      continue;
    }
    let argument: Value | undefined;
    if (format[i] === "(") {
      const close = format.indexOf(")", i);
      if (close < 0) throw new Failure("incomplete format key");
      const key = format.slice(i + 1, close);
      if (!isMapping) throw new Failure("format requires a mapping");
      argument = operand instanceof Dict ? operand.get(key) : operand.index?.(key);
      if (argument === undefined) throw new Failure(`key not found: ${key}`);
      i = close + 1;
    } else {
      argument = positional[used];
      if (argument === undefined) throw new Failure("not enough arguments for format string");
    }
    const conversion = format[i];
    if (conversion === undefined) throw new Failure("incomplete format");
    out += convert(conversion, argument);
    i++;
    used++;
  }
  if (used < positional.length && !isMapping) throw new Failure("too many arguments for format string");
  return mend(out);
}

function convert(conversion: string, argument: Value): string {
  switch (conversion) {
    case "s":
      return typeof argument === "string" ? argument : repr(argument);
    case "r":
      return repr(argument);
    case "d":
    case "i":
      return wholeNumber(conversion, argument).toString();
    case "o":
      return wholeNumber(conversion, argument).toString(8);
    case "x":
      return wholeNumber(conversion, argument).toString(16);
    case "X":
      return wholeNumber(conversion, argument).toString(16).toUpperCase();
    case "e":
    case "f":
    case "g":
    case "E":
    case "F":
    case "G":
      if (argument instanceof Float) return formatFloat(argument.value, conversion);
      if (isInt(argument)) return formatFloat(Number(argument), conversion);
      throw new Failure(`%${conversion} format requires float, not ${typeName(argument)}`);
    case "c":
      return character(argument);
    case "%":
      return "%";
    default:
      throw new Failure(`unknown conversion %${conversion}`);
  }
}

function wholeNumber(conversion: string, argument: Value): Int {
  try {
    return numberToInt(argument);
  } catch (error) {
    throw new Failure(`%${conversion} format requires integer: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** An int as it is, a float cut off towards zero. */
export function numberToInt(value: Value): Int {
  if (isInt(value)) return value;
  if (!(value instanceof Float)) throw new Failure(`cannot convert ${typeName(value)} to int`);
  if (Number.isNaN(value.value)) throw new Failure("cannot convert float NaN to integer");
  if (!Number.isFinite(value.value)) throw new Failure("cannot convert float infinity to integer");
  return truncate(value.value);
}

function character(argument: Value): string {
  if (isInt(argument)) {
    if (argument < 0 || argument > 0x10ffff) throw new Failure(`%c format requires a valid Unicode code point, got ${argument}`);
    return replaceStray(String.fromCodePoint(Number(argument)));
  }
  if (typeof argument !== "string") throw new Failure(`%c format requires int or single-character string, not ${typeName(argument)}`);
  if (Array.from(argument).length !== 1) throw new Failure("%c format requires a single-character string");
  return replaceStray(argument);
}

/** The method `format`: `{}`, `{0}`, `{name}`, each with `!r` or `!s`. */
export function formatFields(format: string, args: readonly Value[], kwargs: Keywords): string {
  let out = "";
  let numbering: "automatic" | "manual" | undefined;
  let next = 0;
  let i = 0;
  while (i < format.length) {
    const open = format.indexOf("{", i);
    out += unescapeBraces(format.slice(i, open < 0 ? undefined : open));
    if (open < 0) break;
    if (format[open + 1] === "{") {
      out += "{";
      i = open + 2;
      continue;
    }
    const close = format.indexOf("}", open);
    if (close < 0) throw new Failure("format: unmatched '{' in format");
    const { name, conversion, spec } = parseField(format.slice(open + 1, close));
    i = close + 1;

    let argument: Value | undefined;
    if (name === "" || /^[0-9]+$/.test(name)) {
      const wanted = name === "" ? "automatic" : "manual";
      if (numbering !== undefined && numbering !== wanted) throw new Failure(switchMessage(numbering));
      numbering = wanted;
      argument = args[name === "" ? next++ : Number(name)];
      if (argument === undefined) throw new Failure("format: tuple index out of range");
    } else {
      argument = kwargs.get(name);
      if (argument === undefined) throw new Failure(unknownField(name));
    }
    if (spec !== "") throw new Failure(`format spec features not supported in replacement fields: ${spec}`);
    if (conversion !== "s" && conversion !== "r") throw new Failure(`format: unknown conversion ${repr(conversion)}`);
    out += conversion === "r" ? repr(argument) : typeof argument === "string" ? argument : repr(argument);
  }
  return mend(out);
}

function switchMessage(from: "automatic" | "manual"): string {
  return from === "manual"
    ? "format: cannot switch from manual field specification to automatic field numbering"
    : "format: cannot switch from automatic field numbering to manual field specification";
}

/** `}}` is a brace; a single one is an error. */
function unescapeBraces(literal: string): string {
  if (/(?:^|[^}])(?:}})*}(?!})/.test(literal)) throw new Failure("format: single '}' in format");
  return literal.replaceAll("}}", "}");
}

/** The parts of `name!conversion:spec`. */
function parseField(field: string): { name: string; conversion: string; spec: string } {
  const mark = field.indexOf("!");
  const name = mark < 0 ? field : field.slice(0, mark);
  const rest = mark < 0 ? field : field.slice(mark + 1);
  const colon = rest.indexOf(":");
  const spec = colon < 0 ? "" : rest.slice(colon + 1);
  const head = colon < 0 ? rest : rest.slice(0, colon);
  return mark < 0 ? { name: head, conversion: "s", spec } : { name, conversion: head, spec };
}

function unknownField(name: string): string {
  if (name.includes(".")) return `format: attribute syntax x.y is not supported in replacement fields: ${name}`;
  if (name.includes("[")) return `format: element syntax a[i] is not supported in replacement fields: ${name}`;
  if (name.includes("{")) return "format: nested replacement fields not supported";
  return `format: keyword ${name} not found`;
}
