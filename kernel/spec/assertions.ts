/** assert_true, assert_eq, assert_eventually, assert_never and events: what a run must have done, asked of its own part of the record. */
import { didYouMean } from "../../model/nearest.ts";
import { Problem } from "../../model/problem.ts";
import type { Event } from "../../model/event.ts";
import { matches } from "../history/query.ts";
import { builtin, equals, List, repr, str, truth } from "../language/index.ts";
import type { Arguments, Builtin, Thread, Value } from "../language/index.ts";
import type { Callable } from "./callable.ts";
import { callable, optionalText, wrongType } from "./arguments.ts";
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

export function assertions(fields: Fields): readonly Builtin[] {
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
    const query = asQuery("assert_eventually", args, fields);
    const window = yield* ask<"window">({ kind: "window" });
    if ((yield* select(query, window, fields, thread, 1)).length > 0) return null;
    throw new AssertionFailed(`no event matched ${query.text} among ${window.length} of this run`);
  });

  const never = builtin("assert_never", ["where?", "*", "**filters"], function* (args, thread) {
    const query = asQuery("assert_never", args, fields);
    const [first] = yield* select(query, yield* ask<"window">({ kind: "window" }), fields, thread, 1);
    if (first === undefined) return null;
    throw new AssertionFailed(`an event matched ${query.text}: ${new EventValue(first, fields.known).repr()}`);
  });

  const events = builtin("events", ["where?", "*", "**filters"], function* (args, thread) {
    const query = asQuery("events", args, fields);
    const found = yield* select(query, yield* ask<"window">({ kind: "window" }), fields, thread, Infinity);
    return new List(found.map((event) => new EventValue(event, fields.known)));
  });

  return [isTrue, isEqual, eventually, never, events];
}

interface Query {
  readonly where?: Callable;
  readonly filters: ReadonlyMap<string, string>;
  /** As the spec wrote it, for messages. */
  readonly text: string;
}

function asQuery(name: string, args: Arguments, fields: Fields): Query {
  const where = args.get("where") ?? null;
  const filters = new Map<string, string>();
  for (const [field, value] of args.extra) {
    if (!fields.known(field)) {
      throw new Problem(
        "UNKNOWN_FIELD",
        "spec",
        `${name}: no event has a field "${field}"${didYouMean(field, fields.names())}`,
        "A filter on a field that no event has would match nothing for ever. See the fields of what was recorded with print(events()).",
      );
    }
    filters.set(field, filterText(name, field, value));
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
