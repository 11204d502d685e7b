/**
 * What the vocabulary asks of the world while a function of the spec runs. An effect is data; the session performs it and
 * answers. So the language and this room do no input or output, and a run can be replayed from its answers.
 */
import type { Interface, Response } from "../../model/declaration.ts";
import type { Event } from "../../model/event.ts";
import type { Json } from "../../model/json.ts";

export type Effect =
  /** Sends one request to a service and waits for its answer. Starts the service where it doesn't run yet. */
  | {
      readonly kind: "probe";
      readonly service: string;
      readonly interface: Interface;
      readonly method: string;
      readonly args: Readonly<Record<string, Json>>;
    }
  /** The events of the current run up to now; inside a monitor, up to the event it looks at. */
  | { readonly kind: "window" }
  | { readonly kind: "sleep"; readonly ms: number };

/** What each effect is answered with. */
export interface Answers {
  readonly probe: Response;
  readonly window: readonly Event[];
  readonly sleep: null;
}

/** Yields an effect to the driver and hands back its answer. */
export function* ask<K extends Effect["kind"]>(effect: Extract<Effect, { kind: K }>): Generator<unknown, Answers[K], unknown> {
  // The one place where an answer gets its type: the session performs exactly these effects (`session/perform.ts`).
  return (yield effect) as Answers[K];
}

/** Tells an effect of ours from whatever else a generator yields (a tick). */
export function isEffect(yielded: unknown): yielded is Effect {
  return typeof yielded === "object" && yielded !== null && "kind" in yielded;
}
