/** assert_true, assert_eq, assert_eventually, assert_never and events: what a run must have done, asked of its own part of the record. */
import { ERRNO_NAMES } from "../../model/errno.ts";
import { EVENT_TYPES } from "../../model/event.ts";
import { didYouMean } from "../../model/nearest.ts";
import { Problem } from "../../model/problem.ts";
import type { Event } from "../../model/event.ts";
import { matches } from "../history/query.ts";
import { builtin, equals, List, repr, str, truth } from "../language/index.ts";
import type { Arguments, Builtin, Thread, Value } from "../language/index.ts";
import type { Callable } from "./callable.ts";
import { callable, knownService, optionalText, wrongType } from "./arguments.ts";
import type { Declarations } from "./declarations.ts";
import { AssumptionValue } from "./faults.ts";
import { ask } from "./effects.ts";
import { EventValue } from "./event.ts";
import type { FieldKnown } from "./event.ts";
import { ServiceValue } from "./service.ts";

/** An assertion did not hold: the spec's verdict on the system, not an error of the spec. */
export class AssertionFailed extends Error {
  override readonly name = "AssertionFailed";
}

/** The fields of filters that exist, for the error on one that doesn't. */
export interface Fields {
  readonly known: FieldKnown;
  names(): Iterable<string>;
}

export function assertions(fields: Fields, declarations: Declarations): readonly Builtin[] {
  const queryOf = (name: string, args: Arguments): Query => asQuery(name, args, fields, declarations);
  const isTrue = builtin("assert_true", ["condition", "message?"], (args) => {
    if (truth(args.get("condition") ?? null)) return null;
    throw new AssertionFailed(optionalText("assert_true", args, "message") ?? "the condition is not true");
  });

  const isEqual = builtin("assert_eq", ["actual", "expected", "message?"], (args) => {
    const actual = args.get("actual") ?? null;
    const expected = args.get("expected") ?? null;
    if (equals(actual, expected)) return null;
    const said = optionalText("assert_eq", args, "message");
    throw new AssertionFailed(`${said === undefined ? "" : `${said}: `}expected ${repr(expected)}, got ${repr(actual)}`);
  });

  const eventually = builtin("assert_eventually", ["where?", "*", "**filters"], function* (args, thread) {
    const query = queryOf("assert_eventually", args);
    const window = ran("assert_eventually", yield* ask<"window">({ kind: "window" }));
    if ((yield* select(query, window, fields, thread, 1)).length > 0) return null;
    throw new AssertionFailed(`no event matched ${query.text} among ${window.length} of this run`);
  });

  const never = builtin("assert_never", ["where?", "*", "**filters"], function* (args, thread) {
    const query = queryOf("assert_never", args);
    const [first] = yield* select(query, ran("assert_never", yield* ask<"window">({ kind: "window" })), fields, thread, 1);
    if (first === undefined) return null;
    throw new AssertionFailed(`an event matched ${query.text}: ${new EventValue(first, fields.known).repr()}`);
  });

  const events = builtin("events", ["where?", "*", "**filters"], function* (args, thread) {
    const query = queryOf("events", args);
    const found = yield* select(query, yield* ask<"window">({ kind: "window" }), fields, thread, Infinity);
    return new List(found.map((event) => new EventValue(event, fields.known)));
  });

  return [isTrue, isEqual, eventually, never, events];
}

/** The window of something that ran. Of nothing, everything and its opposite would hold. */
function ran(name: string, window: readonly Event[]): readonly Event[] {
  if (window.some((event) => event.type === "step_send")) return window;
  throw new Problem(
    "NOTHING_RAN",
    "spec",
    `${name} has nothing to look at: no scenario has made a step`,
    "Ask within a scenario, after its step, or in the expect of a matrix, which looks at its cell's run.",
  );
}

/** A value that no event can have would match nothing for ever, so it is an error where the values are known. */
function knownValue(name: string, field: string, pattern: string, declarations: Declarations): string {
  if (field === "service" || field === "target") return knownService(name, pattern, declarations.services.keys());
  const known = field === "type" ? EVENT_TYPES : field === "errno" ? ERRNO_NAMES : undefined;
  if (known === undefined || /[*?]/.test(pattern) || known.some((one) => one === pattern)) return pattern;
  throw new Problem(
    "UNKNOWN_VALUE",
    "spec",
    `${name}: no event has ${field} "${pattern}"${didYouMean(pattern, known)}`,
    `Known: ${known.join(", ")}.`,
  );
}

interface Query {
  readonly where?: Callable;
  readonly filters: ReadonlyMap<string, string>;
  /** As the spec wrote it, for messages. */
  readonly text: string;
}

function asQuery(name: string, args: Arguments, fields: Fields, declarations: Declarations): Query {
  const where = args.get("where") ?? null;
  const filters = new Map<string, string>();
  for (const [field, value] of args.extra) {
    if (!fields.known(field)) {
      throw new Problem(
        "UNKNOWN_FIELD",
        "spec",
        `${name}: no event has a field "${field}"${didYouMean(field, fields.names())}`,
        "A filter on a field that no event has would match nothing for ever. See what was recorded with print(events()) in a cell of its own.",
      );
    }
    filters.set(field, knownValue(name, field, filterText(name, field, value), declarations));
  }
  const told = [...filters].map(([field, pattern]) => `${field} = ${repr(pattern)}`);
  if (where !== null) told.push("where = …");
  if (told.length === 0 && name !== "events") {
    throw new Problem(
      "EMPTY_FILTER",
      "spec",
      `${name} asks for nothing`,
      'Say which event is meant, such as type = "syscall", decision = "deny*".',
    );
  }
  return { ...(where === null ? {} : { where: callable(name, "where", where) }), filters, text: told.join(", ") };
}

/** The text that a filter compares with: a service or an assumption stands for its name, a number for its digits. */
function filterText(name: string, field: string, value: Value): string {
  if (typeof value === "string" || typeof value === "number" || typeof value === "bigint") return str(value);
  if (value instanceof ServiceValue) return value.service.name;
  if (value instanceof AssumptionValue) return value.assumption.name;
  throw wrongType(name, field, "a string (with * and ? as wildcards)", value);
}

function* select(
  query: Query,
  window: readonly Event[],
  fields: Fields,
  thread: Thread,
  most: number,
): Generator<unknown, Event[], unknown> {
  const found: Event[] = [];
  for (const event of window) {
    if (!matches(event, query.filters)) continue;
    if (query.where !== undefined && !truth(yield* thread.call(query.where, [new EventValue(event, fields.known)]))) continue;
    found.push(event);
    if (found.length >= most) break;
  }
  return found;
}
