/**
 * The record of one session: every fact in the order in which it became known, in columns. Append-only; a run's part of it
 * is a window of positions. Bodies and lines arrive capped by whoever made them.
 */
import type { Event, Fact } from "../../model/event.ts";
import type { Json } from "../../model/json.ts";
import { Column } from "./column.ts";
import { Texts } from "./texts.ts";

/** A part of the record. */
export interface Window {
  /** Positions, both ends included; empty when `to` lies before `from`. */
  readonly from: number;
  readonly to: number;
  /** What happened before this time came late into the record and belongs to what was before. Epoch milliseconds. */
  readonly since_ms?: number;
}

export class History {
  readonly #texts = new Texts();
  readonly #time = new Column("float");
  readonly #service = new Column("int");
  readonly #type = new Column("int");
  /** Where an event's fields begin in `#fields`, which holds name and value in turn. */
  readonly #offset = new Column("int");
  readonly #fields = new Column("int");
  readonly #data = new Map<number, Json>();
  readonly #names = new Set<string>();

  /** The position of the latest event; 0 when there is none. */
  get length(): number {
    return this.#time.length;
  }

  /** Appends a fact and gives it its position. */
  record(fact: Fact): Event {
    this.#time.push(fact.time_ms);
    this.#service.push(this.#texts.number(fact.service));
    this.#type.push(this.#texts.number(fact.type));
    this.#offset.push(this.#fields.length);
    for (const [name, value] of Object.entries(fact.fields)) {
      this.#names.add(name);
      this.#fields.push(this.#texts.number(name));
      this.#fields.push(this.#texts.number(value));
    }
    const seq = this.length;
    if (fact.data !== undefined) this.#data.set(seq, fact.data);
    return { seq, ...fact };
  }

  /** The event at a position, from 1. */
  at(seq: number): Event {
    const row = seq - 1;
    const end = seq < this.length ? this.#offset.at(row + 1) : this.#fields.length;
    const fields: Record<string, string> = {};
    for (let i = this.#offset.at(row); i < end; i += 2) {
      fields[this.#texts.text(this.#fields.at(i))] = this.#texts.text(this.#fields.at(i + 1));
    }
    const data = this.#data.get(seq);
    return {
      seq,
      time_ms: this.#time.at(row),
      service: this.#texts.text(this.#service.at(row)),
      type: this.#texts.text(this.#type.at(row)),
      fields,
      ...(data === undefined ? {} : { data }),
    };
  }

  /** The events of a window, in order. */
  events(window: Window): readonly Event[] {
    const found: Event[] = [];
    for (let seq = Math.max(1, window.from); seq <= Math.min(window.to, this.length); seq++) {
      if (this.#time.at(seq - 1) >= (window.since_ms ?? -Infinity)) found.push(this.at(seq));
    }
    return found;
  }

  /** Names of all fields that any event had: what a filter may ask for. */
  fieldNames(): ReadonlySet<string> {
    return this.#names;
  }
}
