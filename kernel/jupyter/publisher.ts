/** What is broadcast on iopub: statuses, welcomes and outputs, each with the header of the request that caused it. */
import type { XPublisher } from "zeromq";
import { post } from "./sockets.ts";
import { NOBODY, type Origin, type Wire } from "./wire.ts";

/** First byte of what an XPUB socket receives when somebody subscribes; the topic follows. */
const SUBSCRIBED = 1;

export class Publisher {
  readonly #socket: XPublisher;
  readonly #wire: Wire;

  constructor(socket: XPublisher, wire: Wire) {
    this.#socket = socket;
    this.#wire = wire;
  }

  publish(type: string, content: object, parent: Origin, metadata: object = {}): void {
    post(this.#socket, this.#wire.frames([`kernel.${this.#wire.session}.${type}`], type, content, parent, metadata));
  }

  status(state: "starting" | "busy" | "idle", parent: Origin): void {
    this.publish("status", { execution_state: state }, parent);
  }

  /** Answers every subscription with `iopub_welcome` under the topic subscribed to (protocol 5.4), until the socket is closed. */
  async welcome(): Promise<void> {
    for await (const [frame] of this.#socket) {
      if (frame?.[0] !== SUBSCRIBED) continue;
      const subscription = frame.toString("utf8", 1);
      post(this.#socket, this.#wire.frames([frame.subarray(1)], "iopub_welcome", { subscription }, NOBODY));
    }
  }
}
