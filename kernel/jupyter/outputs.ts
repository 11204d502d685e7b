/**
 * What cells put out, as Jupyter's messages, in order. Printed text is gathered for a twentieth of a second, since a message
 * a line drowns servers (jupyter_server drops above 1000 messages/s) and notebooks; everything else pushes it out first.
 */
import type { Output } from "../messages.ts";
import type { Publisher } from "./publisher.ts";
import type { Origin } from "./wire.ts";

/** The execution that an output belongs to. */
export interface Place {
  readonly origin: Origin;
  readonly count: number;
  /** Nothing of a silent execution is shown. */
  readonly silent: boolean;
  /** How much text it has printed so far (UTF-16 units). */
  printed: number;
}

type StreamName = "stdout" | "stderr";

const GATHER_MS = 50;
/** Text is sent without waiting when this much has come together (UTF-16 units). */
const GATHER_MAX = 256 * 1024;
/** What one execution may print (UTF-16 units): sockets queue without limit, and a notebook keeps it all. */
const PRINTED_MAX = 16_000_000;

export class Outputs {
  readonly #publisher: Publisher;
  #text: { readonly place: Place; readonly name: StreamName; readonly parts: string[]; length: number } | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(publisher: Publisher) {
    this.#publisher = publisher;
  }

  show(place: Place, output: Output): void {
    if (place.silent) return;
    if (output.kind === "stream") {
      this.#print(place, output.name, output.text);
      return;
    }
    this.flush();
    const { origin, count } = place;
    switch (output.kind) {
      case "result":
        this.#publisher.publish("execute_result", { execution_count: count, data: output.data, metadata: output.metadata }, origin);
        return;
      case "display": {
        const type = output.update ? "update_display_data" : "display_data";
        const transient = output.display === undefined ? {} : { display_id: output.display };
        this.#publisher.publish(type, { data: output.data, metadata: output.metadata, transient }, origin);
        return;
      }
      case "error":
        this.#publisher.publish("error", { ename: output.ename, evalue: output.evalue, traceback: output.traceback }, origin);
        return;
      case "clear":
        this.#publisher.publish("clear_output", { wait: output.wait }, origin);
        return;
    }
  }

  /** Sends the text gathered so far; due before anything that has to lie behind it. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const text = this.#text;
    if (text === undefined) return;
    this.#text = undefined;
    this.#publisher.publish("stream", { name: text.name, text: text.parts.join("") }, text.place.origin);
  }

  #print(place: Place, name: StreamName, text: string): void {
    const before = place.printed;
    if (before > PRINTED_MAX) return;
    place.printed += text.length;
    this.#gather(place, name, text.slice(0, PRINTED_MAX - before));
    if (place.printed <= PRINTED_MAX) return;
    const limit = `${PRINTED_MAX / 1e6} million characters`;
    this.#gather(
      place,
      "stderr",
      `\nThis cell has printed more than ${limit}; the rest is not shown. Print less, or write it to a file.\n`,
    );
  }

  #gather(place: Place, name: StreamName, text: string): void {
    if (this.#text?.place !== place || this.#text.name !== name) this.flush();
    this.#text ??= { place, name, parts: [], length: 0 };
    this.#text.parts.push(text);
    this.#text.length += text.length;
    if (this.#text.length >= GATHER_MAX) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), GATHER_MS);
  }
}
