/**
 * The control channel: what must be answered while a cell runs. Nothing here waits for the session.
 * (Jupyter messaging, "Messages on the Control channel".)
 */
import type { Router } from "zeromq";
import { KERNEL_INFO } from "./info.ts";
import type { Publisher } from "./publisher.ts";
import { unknownRequest } from "./requests.ts";
import type { Session } from "./session.ts";
import type { Reply, Shell } from "./shell.ts";
import { each, post } from "./sockets.ts";
import type { Origin, Request, Wire } from "./wire.ts";

export class Control {
  readonly #socket: Router;
  readonly #wire: Wire;
  readonly #publisher: Publisher;
  readonly #session: Session;
  readonly #shell: Shell;
  readonly #shutdown: (restart: boolean, origin: Origin) => void;

  constructor(
    socket: Router,
    wire: Wire,
    publisher: Publisher,
    { session, shell, shutdown }: { session: Session; shell: Shell; shutdown: (restart: boolean, origin: Origin) => void },
  ) {
    this.#socket = socket;
    this.#wire = wire;
    this.#publisher = publisher;
    this.#session = session;
    this.#shell = shell;
    this.#shutdown = shutdown;
  }

  /** Takes requests until the socket is closed. */
  serve(): Promise<void> {
    return each(this.#socket, (frames) => {
      const request = this.#wire.parse(frames);
      if (request !== undefined) this.#answer(request);
    });
  }

  #answer(request: Request): void {
    const { origin } = request;
    this.#publisher.status("busy", origin);
    const reply = this.#handle(request);
    if (reply.type !== undefined) post(this.#socket, this.#wire.frames(origin.identities, reply.type, reply.content, origin));
    this.#publisher.status("idle", origin);
    // Front ends show the last status they saw: a cell that still runs is said again, or they would show an idle kernel.
    const running = this.#shell.running;
    if (running) this.#publisher.status("busy", running.origin);
  }

  #handle(request: Request): Reply {
    switch (request.type) {
      case "kernel_info_request":
        return { type: "kernel_info_reply", content: KERNEL_INFO };
      case "interrupt_request":
        this.#session.interrupt();
        return { type: "interrupt_reply", content: { status: "ok" } };
      case "shutdown_request": {
        const restart = request.content["restart"] === true;
        this.#shutdown(restart, request.origin);
        return { type: "shutdown_reply", content: { status: "ok", restart } };
      }
      default:
        return unknownRequest(request.type);
    }
  }
}
