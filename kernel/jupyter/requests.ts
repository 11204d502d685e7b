/** What each request on the shell channel is answered with. Executing has a file of its own. */
import { Executor } from "./execute.ts";
import { History } from "./history.ts";
import { KERNEL_INFO } from "./info.ts";
import type { Outputs } from "./outputs.ts";
import type { Publisher } from "./publisher.ts";
import type { Session } from "./session.ts";
import type { Handlers, Reply } from "./shell.ts";
import type { Fields, Origin, Request } from "./wire.ts";

export class Requests implements Handlers {
  readonly #session: Session;
  readonly #publisher: Publisher;
  readonly #history = new History();
  readonly #executor: Executor;
  readonly #shutdown: (restart: boolean, origin: Origin) => void;

  constructor(session: Session, publisher: Publisher, outputs: Outputs, shutdown: (restart: boolean, origin: Origin) => void) {
    this.#session = session;
    this.#publisher = publisher;
    this.#executor = new Executor(session, publisher, outputs, this.#history);
    this.#shutdown = shutdown;
  }

  handle(request: Request): Promise<Reply> | Reply {
    const { content, origin } = request;
    switch (request.type) {
      case "execute_request":
        return this.#executor.execute(request);
      case "kernel_info_request":
        return { type: "kernel_info_reply", content: KERNEL_INFO };
      case "complete_request":
        return this.#complete(content);
      case "inspect_request":
        return this.#inspect(content);
      case "is_complete_request":
        return this.#isComplete(content);
      case "history_request":
        return { type: "history_reply", content: { status: "ok", history: this.#history.answer(content) } };
      case "comm_info_request":
        return { type: "comm_info_reply", content: { status: "ok", comms: {} } };
      case "comm_open":
        // We know no target; the protocol wants the refusal on iopub.
        this.#publisher.publish("comm_close", { comm_id: content["comm_id"], data: {} }, origin);
        return { content: {} };
      case "comm_msg":
      case "comm_close":
        return { content: {} };
      case "shutdown_request": {
        // On this channel since 5.4 only from old clients.
        const restart = content["restart"] === true;
        this.#shutdown(restart, origin);
        return { type: "shutdown_reply", content: { status: "ok", restart } };
      }
      default:
        return unknownRequest(request.type);
    }
  }

  aborted(): Reply {
    return this.#executor.aborted();
  }

  async #complete(content: Fields): Promise<Reply> {
    const { code, cursor } = place(content);
    const answer = await this.#session.complete(code, cursor);
    const { matches, start, end } = answer ?? { matches: [], start: cursor, end: cursor };
    return { type: "complete_reply", content: { status: "ok", matches, cursor_start: start, cursor_end: end, metadata: {} } };
  }

  async #inspect(content: Fields): Promise<Reply> {
    const { code, cursor } = place(content);
    const answer = await this.#session.inspect(code, cursor, content["detail_level"] === 1 ? 1 : 0);
    const { found, data } = answer ?? { found: false, data: {} };
    return { type: "inspect_reply", content: { status: "ok", found, data, metadata: {} } };
  }

  async #isComplete(content: Fields): Promise<Reply> {
    const answer = await this.#session.isComplete(place(content).code);
    if (answer === undefined) return { type: "is_complete_reply", content: { status: "unknown" } };
    const { status, indent } = answer;
    return { type: "is_complete_reply", content: status === "incomplete" ? { status, indent } : { status } };
  }
}

/** An error instead of silence, so that a client that waits for the reply goes on. */
export function unknownRequest(type: string): Reply {
  if (!type.endsWith("_request")) return { content: {} };
  const content = { status: "error", ename: "UnknownRequest", evalue: `This kernel does not know \`${type}\`.`, traceback: [] };
  return { type: type.replace(/_request$/, "_reply"), content };
}

/** The text and the cursor in it, in code points; where a client leaves the cursor out, it stands at the end. */
function place(content: Fields): { code: string; cursor: number } {
  const code = typeof content["code"] === "string" ? content["code"] : "";
  const cursor = content["cursor_pos"];
  return { code, cursor: typeof cursor === "number" ? cursor : Array.from(code).length };
}
