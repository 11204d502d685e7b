/**
 * An event of the record as a value, both `e.type` and `e["type"]`, `e.get("stock")`. A field that other events have and
 * this one lacks reads as "" (so that a filter over mixed events is short); one that no event has is an error that names
 * the nearest, since a misspelt field would make every property over it silently true.
 */
import type { Event } from "../../model/event.ts";
import { builtin, Dict, fromJson, HostValue, repr } from "../language/index.ts";
import type { Value } from "../language/index.ts";

/** Whether a field is known: documented, or seen on some event of the record. */
export type FieldKnown = (name: string) => boolean;

const OWN = ["data", "fields", "get", "seq", "service", "time_ms", "type"];

export class EventValue extends HostValue {
  override readonly type = "event";
  readonly event: Event;
  readonly #known: FieldKnown;

  constructor(event: Event, known: FieldKnown) {
    super();
    this.event = event;
    this.#known = known;
  }

  override attrNames(): readonly string[] {
    return [...OWN, ...Object.keys(this.event.fields)];
  }

  override attr(name: string): Value | undefined {
    const { event } = this;
    switch (name) {
      case "seq":
        return event.seq;
      case "time_ms":
        return Math.round(event.time_ms);
      case "type":
        return event.type;
      case "service":
        return event.service;
      case "data":
        return event.data === undefined ? fields(event) : fromJson(event.data);
      case "fields":
        return fields(event);
      case "get":
        return builtin("event.get", ["name", "default?"], (args) => this.index(args.get("name") ?? null) ?? args.get("default") ?? null);
      default:
        return event.fields[name] ?? (this.#known(name) ? "" : undefined);
    }
  }

  override index(key: Value): Value | undefined {
    if (typeof key !== "string") return undefined;
    if (key === "type" || key === "service" || key === "seq") return this.event[key];
    return this.event.fields[key];
  }

  override has(key: Value): boolean {
    return this.index(key) !== undefined;
  }

  override repr(): string {
    const told = Object.entries(this.event.fields).map(([name, value]) => `, ${name} = ${repr(value)}`);
    return `event(${this.event.seq}, type = ${repr(this.event.type)}, service = ${repr(this.event.service)}${told.join("")})`;
  }
}

function fields(event: Event): Dict {
  const dict = new Dict();
  for (const [name, value] of Object.entries(event.fields)) dict.set(name, value);
  return dict;
}
