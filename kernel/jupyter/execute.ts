/**
 * `execute_request`: counts, shows the input, runs the cell in the session and makes the reply of how it ended.
 * (Jupyter messaging, "Execute".)
 */
import type { MimeBundle, Output } from "../messages.ts";
import type { History } from "./history.ts";
import type { Outputs, Place } from "./outputs.ts";
import type { Publisher } from "./publisher.ts";
import type { Session } from "./session.ts";
import type { Reply } from "./shell.ts";
import { isFields, type Request } from "./wire.ts";

export class Executor {
  readonly #session: Session;
  readonly #publisher: Publisher;
  readonly #outputs: Outputs;
  readonly #history: History;
  /** The number of the last cell that was counted. */
  #count = 0;

  constructor(session: Session, publisher: Publisher, outputs: Outputs, history: History) {
    this.#session = session;
    this.#publisher = publisher;
    this.#outputs = outputs;
    this.#history = history;
  }

  async execute({ content, metadata, origin }: Request): Promise<Reply> {
    const started = new Date().toISOString();
    const code = typeof content["code"] === "string" ? content["code"] : "";
    const silent = content["silent"] === true;
    const stored = !silent && content["store_history"] !== false;
    if (stored) {
      this.#count += 1;
      this.#history.add(this.#count, code);
    }
    const place: Place = { origin, count: this.#count, silent, printed: 0 };
    if (!silent) this.#publisher.publish("execute_input", { code, execution_count: place.count }, origin);

    const shown = { error: false };
    const cellId = metadata["cellId"];
    const cell = { count: silent ? 0 : place.count, ...(typeof cellId === "string" ? { id: cellId } : {}) };
    const done = await this.#session.execute(code, cell, silent, (output) => {
      if (output.kind === "error") shown.error = true;
      const text = output.kind === "result" ? output.data["text/plain"] : undefined;
      if (stored && typeof text === "string") this.#history.result(place.count, text);
      this.#outputs.show(place, output);
    });
    const error = done.status === "error" ? (done.error ?? { ename: "Error", evalue: "", traceback: [] }) : undefined;
    if (error && !shown.error) this.#outputs.show(place, { kind: "error", ...error });
    const user_expressions = error ? {} : await this.#evaluate(content["user_expressions"]);
    this.#outputs.flush();

    const facts = { started, status: done.status, ...done.metadata };
    if (error) {
      const reply = { status: "error", execution_count: place.count, ...error, payload: [], user_expressions };
      return { type: "execute_reply", content: reply, metadata: facts, abort: content["stop_on_error"] !== false };
    }
    const reply = { status: "ok", execution_count: place.count, payload: [], user_expressions };
    return { type: "execute_reply", content: reply, metadata: facts };
  }

  /** Not run, since an earlier cell failed. */
  aborted(): Reply {
    return { type: "execute_reply", content: { status: "aborted", execution_count: this.#count }, metadata: { status: "aborted" } };
  }

  /** Each expression as a cell of its own that shows nothing; its result is the answer. */
  async #evaluate(expressions: unknown): Promise<Record<string, object>> {
    const answers: Record<string, object> = {};
    if (!isFields(expressions)) return answers;
    for (const [name, code] of Object.entries(expressions)) {
      let bundle: { readonly data: MimeBundle; readonly metadata: MimeBundle } = { data: {}, metadata: {} };
      const keep = (output: Output): void => {
        if (output.kind === "result") bundle = { data: output.data, metadata: output.metadata };
      };
      const done = await this.#session.execute(String(code), { count: 0 }, false, keep);
      answers[name] = done.status === "ok" ? { status: "ok", ...bundle } : { status: "error", ...done.error };
    }
    return answers;
  }
}
