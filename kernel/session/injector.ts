/**
 * The session's end of the pipe to the injector: starts it, sends orders, hands on what it reports. The injector outlives
 * whoever dies first; that is its own and its keeper's business.
 */
import { spawn } from "node:child_process";
import type { ChildProcessByStdio } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Line, Order, Reply, Report } from "../../injector/messages.ts";
import { Problem } from "../../model/problem.ts";

type Unnumbered<O> = O extends Order ? Omit<O, "id"> : never;
type Good = Extract<Reply, { ok: true }>;
type ReplyTo<K extends Order["order"]> = Extract<Good, { reply: K }>;

const ORDER_TIMEOUT_MS = 30_000;
const LAST_WORDS_MAX = 2048;

interface Waiting {
  resolve(reply: Good): void;
  reject(error: Error): void;
  readonly timer: NodeJS.Timeout;
}

export class Injector {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #waiting = new Map<number, Waiting>();
  readonly #report: (report: Report) => void;
  #next = 1;
  #lastWords = "";
  /** Why it is gone; undefined while it lives. */
  #gone: string | undefined;

  constructor(report: (report: Report) => void) {
    this.#report = report;
    const extension = import.meta.filename.endsWith(".ts") ? "ts" : "js";
    const program = fileURLToPath(new URL(`../../injector/main.${extension}`, import.meta.url));
    // Detached: an interrupt from a terminal goes to the whole group, and must not reach whoever holds calls.
    this.#child = spawn(process.execPath, [program], { stdio: ["pipe", "pipe", "pipe"], detached: true });
    this.#child.on("error", (error) => this.#end(error.message));
    this.#child.stderr
      .setEncoding("utf8")
      .on("data", (text: string) => (this.#lastWords = (this.#lastWords + text).slice(-LAST_WORDS_MAX)));
    this.#child.on("exit", (code, signal) => this.#end(signal ?? `exit status ${code ?? 0}`));
    this.#child.stdin.on("error", () => undefined); // a write to one that just died; "exit" tells
    createInterface({ input: this.#child.stdout }).on("line", (line) => this.#take(line));
  }

  get gone(): string | undefined {
    return this.#gone;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async order<K extends Order["order"]>(order: Unnumbered<Extract<Order, { order: K }>>): Promise<ReplyTo<K>> {
    if (this.#gone !== undefined) throw this.#died();
    const id = this.#next++;
    const reply = await new Promise<Good>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        // What it may still do would be nobody's: its death lets every call pass.
        this.#child.kill("SIGKILL");
        reject(
          new Problem(
            "INJECTOR_SILENT",
            "faultbook",
            `the injector did not answer "${order.order}"`,
            "It was ended, so that calls pass. Run the cell again: a new one is started.",
          ),
        );
      }, ORDER_TIMEOUT_MS);
      this.#waiting.set(id, { resolve, reject, timer });
      this.#child.stdin.write(`${JSON.stringify({ ...order, id })}\n`);
    });
    // An order and its reply have the same name (`injector/messages.ts`).
    return reply as ReplyTo<K>;
  }

  /** Ends it: every rule goes and calls pass until their processes end. */
  close(): void {
    this.#child.stdin.end();
  }

  #take(text: string): void {
    const line = parse(text);
    if (line === undefined) return; // it was killed within a line; "exit" tells
    if ("report" in line) {
      this.#report(line);
      return;
    }
    const waiting = this.#waiting.get(line.id);
    if (waiting === undefined) return;
    this.#waiting.delete(line.id);
    clearTimeout(waiting.timer);
    if (line.ok) waiting.resolve(line);
    else waiting.reject(new Problem(line.code, "system", line.message, line.hint));
  }

  #end(why: string): void {
    this.#gone ??= why;
    for (const waiting of this.#waiting.values()) {
      clearTimeout(waiting.timer);
      waiting.reject(this.#died());
    }
    this.#waiting.clear();
  }

  #died(): Problem {
    return new Problem(
      "INJECTOR_DIED",
      "faultbook",
      `the injector died (${this.#gone ?? "unknown"}); its keeper lets every call pass`,
      `Run the cell again: a new injector is started, and services that the old one had touched are restarted.\n${this.#lastWords}`.trimEnd(),
    );
  }
}

/** A line of the injector, which is of our own version; undefined for half a line. */
function parse(text: string): Line | undefined {
  try {
    return JSON.parse(text) as Line;
  } catch {
    return undefined;
  }
}
