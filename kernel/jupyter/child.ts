/**
 * One session process, from its start to its end: requests over its pipe and what comes back for them. When it has ended,
 * every request that it still owed an answer gets none (undefined). Doesn't start another one; `session.ts` does.
 */
import { fork, type ChildProcess } from "node:child_process";
import { extname, join } from "node:path";
import type { Readable } from "node:stream";
import type { Answer, Done, Output, Report, Request } from "../messages.ts";

export interface Ending {
  /** As a person would say it: `exit code 3`, `signal SIGKILL`. */
  readonly how: string;
  /** The last lines that the process wrote to stderr; often the reason. */
  readonly lastWords: string;
  /** False: it ended before it could take a request, so the next one is likely to do the same. */
  readonly wasReady: boolean;
}

type Question = Extract<Request, { type: Answer["type"] }>;
export type AnswerTo<T extends Answer["type"]> = Extract<Answer, { type: T }>;

type Listener = (output: Output) => void;

const HOST = join(import.meta.dirname, `host${extname(import.meta.filename)}`);
/** Executes whose late outputs (timers) are still shown; older ones are forgotten. */
const LISTENERS_MAX = 1000;
const LAST_WORDS_MAX = 4096;
/** The pipe closes first; exit status and last words follow at once, unless somebody else holds stderr. */
const ENDING_MS = 500;

export class Child {
  /** Settles when the pipe has closed and everything that came through it has been handled. */
  readonly ended: Promise<Ending>;
  readonly #process: ChildProcess;
  readonly #listeners = new Map<number, Listener>();
  readonly #owed = new Map<number, (report: Done | Answer | undefined) => void>();
  #wasReady = false;
  #lastWords = "";

  /** @param program path of the session program, JavaScript or TypeScript */
  constructor(program: string) {
    // A process group of its own: ^C in a terminal and a server that kills the kernel's group leave it time to clean up.
    this.#process = fork(HOST, [program], { detached: true, stdio: ["ignore", "pipe", "pipe", "ipc"] });
    this.#relay(this.#process.stdout);
    this.#relay(this.#process.stderr);
    this.#process.on("message", (message) => {
      if (isReport(message)) this.#take(message);
    });
    // A send that fails means that the process is gone, which `ended` tells.
    this.#process.on("error", () => undefined);
    this.ended = this.#end();
  }

  /** Takes what the execute puts out, also long after its end. Resolves to undefined when the process ends before. */
  async execute(request: Request & { readonly type: "execute" }, listener: Listener): Promise<Done | undefined> {
    this.#listeners.set(request.id, listener);
    const oldest = this.#listeners.keys().next();
    if (this.#listeners.size > LISTENERS_MAX && !oldest.done) this.#listeners.delete(oldest.value);
    const report = await this.#ask(request);
    return report?.type === "done" ? report : undefined;
  }

  /** Resolves to undefined when the process ends or `limit_ms` have passed before the answer. */
  async ask<Q extends Question>(request: Q, limit_ms: number): Promise<AnswerTo<Q["type"]> | undefined> {
    const timer = setTimeout(() => this.#settle(request.id, undefined), limit_ms);
    const report = await this.#ask(request);
    clearTimeout(timer);
    return answers<Q["type"]>(report, request.type) ? report : undefined;
  }

  tell(request: Request): void {
    if (this.#process.connected) this.#process.send(request, () => undefined);
  }

  #ask(request: Request & { readonly id: number }): Promise<Done | Answer | undefined> {
    return new Promise((resolve) => {
      this.#owed.set(request.id, resolve);
      this.tell(request);
    });
  }

  #settle(id: number, report: Done | Answer | undefined): void {
    this.#owed.get(id)?.(report);
    this.#owed.delete(id);
  }

  #take(report: Report): void {
    switch (report.type) {
      case "ready":
        this.#wasReady = true;
        return;
      case "output":
        this.#listeners.get(report.id)?.(report.output);
        return;
      case "done":
      case "complete":
      case "inspect":
      case "is_complete":
        this.#settle(report.id, report);
        return;
    }
  }

  async #end(): Promise<Ending> {
    const process = this.#process;
    const closed = new Promise<void>((resolve) => process.once("close", () => resolve()));
    // Without a pid it never started; there is no pipe to close then.
    if (process.pid !== undefined) await new Promise<void>((resolve) => process.once("disconnect", () => resolve()));
    await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, ENDING_MS))]);
    for (const id of [...this.#owed.keys()]) this.#settle(id, undefined);
    const how =
      process.signalCode !== null
        ? `signal ${process.signalCode}`
        : process.exitCode !== null
          ? `exit code ${process.exitCode}`
          : "it closed its pipe";
    return { how, lastWords: this.#lastWords.trim(), wasReady: this.#wasReady };
  }

  /** What the process writes besides its pipe is for whoever runs the Jupyter server; the end of it is kept. */
  #relay(stream: Readable | null): void {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      this.#lastWords = (this.#lastWords + text).slice(-LAST_WORDS_MAX);
      process.stderr.write(text);
    });
  }
}

function answers<T extends Answer["type"]>(report: Done | Answer | undefined, type: T): report is AnswerTo<T> {
  return report?.type === type;
}

const REPORTS: ReadonlySet<unknown> = new Set<Report["type"]>(["ready", "output", "done", "complete", "inspect", "is_complete"]);

/** The pipe's other end is of the same build; this only tells its reports from a stray `process.send` of a library. */
function isReport(message: unknown): message is Report {
  return typeof message === "object" && message !== null && "type" in message && REPORTS.has(message.type);
}
