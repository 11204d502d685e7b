/**
 * The shell channel: requests one at a time in the order of their arrival, each between `busy` and `idle`. What a request
 * means is in `requests.ts` and `execute.ts`; here is the queue, and what an error does to it.
 */
import { setImmediate } from "node:timers/promises";
import type { Router } from "zeromq";
import { each, post } from "./sockets.ts";
import type { Publisher } from "./publisher.ts";
import type { Request, Wire } from "./wire.ts";

export interface Reply {
  /** Undefined: nothing is sent back, as for `comm_open`. */
  readonly type?: string;
  readonly content: object;
  readonly metadata?: object;
  /** Ends the queue: execute requests that have arrived by now are answered `aborted`. */
  readonly abort?: boolean;
}

export interface Handlers {
  handle(request: Request): Promise<Reply> | Reply;
  /** The reply of an execute request that is not run. */
  aborted(request: Request): Reply;
}

/** While arrivals keep coming in we look again, but not for ever: whoever sends without end is not aborted without end. */
const LOOKS_MAX = 100;

export class Shell {
  readonly #socket: Router;
  readonly #wire: Wire;
  readonly #publisher: Publisher;
  readonly #handlers: Handlers;
  readonly #queue: { readonly request: Request; readonly arrival: number }[] = [];
  #arrivals = 0;
  #abortedUpTo = 0;
  #running: Request | undefined;

  constructor(socket: Router, wire: Wire, publisher: Publisher, handlers: Handlers) {
    this.#socket = socket;
    this.#wire = wire;
    this.#publisher = publisher;
    this.#handlers = handlers;
  }

  /** The request that is being handled. */
  get running(): Request | undefined {
    return this.#running;
  }

  /** Takes requests until the socket is closed. */
  serve(): Promise<void> {
    return each(this.#socket, (frames) => {
      const request = this.#wire.parse(frames);
      if (request === undefined) return;
      this.#arrivals += 1;
      this.#queue.push({ request, arrival: this.#arrivals });
      if (this.#running === undefined) void this.#work();
    });
  }

  async #work(): Promise<void> {
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      const { request, arrival } = next;
      this.#running = request;
      this.#publisher.status("busy", request.origin);
      const aborted = request.type === "execute_request" && arrival <= this.#abortedUpTo;
      const reply = aborted ? this.#handlers.aborted(request) : await this.#handlers.handle(request);
      // Before the reply goes out: what a person sends after having seen the error is meant to run.
      if (reply.abort) this.#abortedUpTo = await this.#lastArrival();
      if (reply.type !== undefined) {
        post(this.#socket, this.#wire.frames(request.origin.identities, reply.type, reply.content, request.origin, reply.metadata));
      }
      this.#publisher.status("idle", request.origin);
    }
    this.#running = undefined;
  }

  /** The number of the last request that has reached us, those included that the socket holds but we have not read yet. */
  async #lastArrival(): Promise<number> {
    for (let looks = 0, seen = -1; seen !== this.#arrivals && looks < LOOKS_MAX; looks += 1) {
      seen = this.#arrivals;
      // Two turns: the first may end a poll that began before the last frames came in.
      await setImmediate();
      await setImmediate();
    }
    return this.#arrivals;
  }
}
