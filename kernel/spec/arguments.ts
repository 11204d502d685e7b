/** Reads arguments of the vocabulary: each says what it wanted and what it got, in the words of the spec. */
import { Dict, List, Tuple, repr, typeName } from "../language/index.ts";
import type { Arguments, Value } from "../language/index.ts";
import { isCallable } from "./callable.ts";
import type { Callable } from "./callable.ts";
import { parseDuration } from "../../model/duration.ts";
import { didYouMean } from "../../model/nearest.ts";
import { Problem } from "../../model/problem.ts";

/** An argument of the wrong type. */
export function wrongType(where: string, name: string, wanted: string, got: Value): Problem {
  return new Problem(
    "WRONG_TYPE",
    "spec",
    `${where}: ${name} must be ${wanted}, got ${typeName(got)} ${repr(got)}`,
    `Give ${name} ${wanted}.`,
  );
}

export function text(where: string, args: Arguments, name: string): string {
  const value = args.get(name);
  if (typeof value !== "string") throw wrongType(where, name, "a string", value ?? null);
  return value;
}

export function optionalText(where: string, args: Arguments, name: string): string | undefined {
  const value = args.get(name);
  return value === undefined || value === null ? undefined : text(where, args, name);
}

export function flag(where: string, args: Arguments, name: string, otherwise: boolean): boolean {
  const value = args.get(name);
  if (value === undefined || value === null) return otherwise;
  if (typeof value !== "boolean") throw wrongType(where, name, "True or False", value);
  return value;
}

/** Milliseconds of a duration such as "3s". A bare number is refused: nobody can tell its unit. */
export function duration(where: string, name: string, value: Value): number {
  const ms = typeof value === "string" ? parseDuration(value) : undefined;
  if (ms === undefined) {
    throw new Problem(
      "BAD_DURATION",
      "spec",
      `${where}: ${name} must be a duration, got ${repr(value)}`,
      'Write a number and a unit, such as "250ms", "3s" or "1m30s".',
    );
  }
  return ms;
}

export function callable(where: string, name: string, value: Value): Callable {
  if (!isCallable(value)) throw wrongType(where, name, "a function", value);
  return value;
}

/** A list or tuple, as an array; nothing for None or an absent argument. */
export function list(where: string, args: Arguments, name: string): readonly Value[] {
  const value = args.get(name);
  if (value === undefined || value === null) return [];
  if (value instanceof List || value instanceof Tuple) return [...value.items];
  throw wrongType(where, name, "a list", value);
}

/** A dict as pairs; nothing for None or an absent argument. */
export function pairs(where: string, args: Arguments, name: string): readonly (readonly [Value, Value])[] {
  const value = args.get(name);
  if (value === undefined || value === null) return [];
  if (value instanceof Dict) return [...value.entries()];
  throw wrongType(where, name, "a dict", value);
}

/** The name of a service, or a pattern over names. One that nobody has would match nothing for ever. */
export function knownService(where: string, name: string, services: Iterable<string>): string {
  const known = [...services, "test"];
  if (/[*?]/.test(name) || known.includes(name)) return name;
  throw new Problem(
    "UNKNOWN_SERVICE",
    "spec",
    `${where}: no service is named "${name}"${didYouMean(name, known)}`,
    `Services: ${known.join(", ")}.`,
  );
}
