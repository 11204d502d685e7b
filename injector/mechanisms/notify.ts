/**
 * Rules made true by seccomp notification: the main thread's side. It attaches to processes and hands listeners and rules
 * to the thread that serves them (`notify-worker.ts`). It carries every rule about a system call.
 */
import { writeSync } from "node:fs";
import { extname, join } from "node:path";
import { Worker } from "node:worker_threads";
import type { Rule } from "../../model/rule.ts";
import { InFlight } from "../in-flight.ts";
import { createEvent } from "../linux/poll.ts";
import type { Availability, Caller, CallReport, NoticeReport, RuleCounts, Target } from "../messages.ts";
import type { Armed, Mechanism } from "./mechanism.ts";
import { Attacher } from "./notify-attach.ts";
import type { WorkerData, WorkerOrder, WorkerReport } from "./notify-messages.ts";
import { probeNotify } from "./notify-probe.ts";

/** Who gets copies of listeners, so that calls pass when we are killed. */
export interface Survivor {
  give(listener: number, fd: number): void;
  forget(listener: number): void;
}

export interface NotifyEvents {
  notice(notice: NoticeReport): void;
  /** The serving thread has died: calls wait until this process has ended and the keeper takes over. */
  failed(error: Error): void;
  /** Every listener has ended. */
  idle(): void;
}

const ONE = Buffer.from(BigUint64Array.of(1n).buffer);

export class Notify implements Mechanism {
  readonly name = "notify";
  readonly #memory: InFlight;
  readonly #survivor: Survivor;
  readonly #events: NotifyEvents;
  readonly #worker: Worker;
  readonly #wake = createEvent();
  readonly #attacher: Attacher;
  /** Service of each listener that is served. */
  readonly #listeners = new Map<number, string>();
  readonly #answers = new Map<number, (counts: RuleCounts | undefined) => void>();
  readonly #reporters = new Map<string, (call: CallReport) => void>();
  #lastListener = 0;
  #lastAnswer = 0;

  /** `memory` is the descriptor of the memory shared with the keeper; `ours` are processes that are never attached to. */
  constructor(memory: number, survivor: Survivor, ours: ReadonlySet<number>, events: NotifyEvents) {
    this.#memory = new InFlight(memory);
    this.#survivor = survivor;
    this.#events = events;
    const installed = (fd: number, target: Target): void => {
      const listener = ++this.#lastListener;
      this.#survivor.give(listener, fd);
      this.#listeners.set(listener, target.service);
      this.#order({ order: "serve", listener, fd, service: target.service });
    };
    this.#attacher = new Attacher(this.#memory, installed, (listener, service) => this.#listeners.get(listener) === service, ours);
    const workerData: WorkerData = { memory, wake: this.#wake };
    this.#worker = new Worker(join(import.meta.dirname, `notify-worker${extname(import.meta.filename)}`), { workerData });
    this.#worker.on("message", (report: WorkerReport) => this.#take(report));
    this.#worker.on("error", (error) => this.#events.failed(error instanceof Error ? error : new Error(String(error))));
    this.#worker.unref();
  }

  /** Listeners whose processes live. */
  get listeners(): number {
    return this.#listeners.size;
  }

  probe(): Availability {
    return probeNotify();
  }

  carries(): true {
    return true;
  }

  async arm(rule: Rule, target: Target, callers: readonly Caller[], report: (call: CallReport) => void): Promise<Armed> {
    const processes = this.#attacher.attach(target);
    this.#reporters.set(rule.id, report);
    await this.#ask((answer) => ({ order: "arm", rule, callers, answer }));
    let counts: RuleCounts = { rule: rule.id, fired: 0, passed: {} };
    let closing: Promise<void> | undefined;
    const close = async (): Promise<void> => {
      counts = (await this.#ask((answer) => ({ order: "disarm", rule: rule.id, answer }))) ?? counts;
      this.#reporters.delete(rule.id);
    };
    return { processes, counts: () => counts, close: () => (closing ??= close()) };
  }

  /** Ends the serving thread; for when no listener is left. A thread that waits in poll(2) would hold up the process's end. */
  stop(): void {
    this.#order({ order: "stop" });
  }

  #ask(order: (answer: number) => WorkerOrder): Promise<RuleCounts | undefined> {
    const answer = ++this.#lastAnswer;
    return new Promise((resolve) => {
      this.#answers.set(answer, resolve);
      this.#order(order(answer));
    });
  }

  #order(order: WorkerOrder): void {
    this.#worker.postMessage(order);
    writeSync(this.#wake, ONE);
  }

  #take(report: WorkerReport): void {
    switch (report.report) {
      case "call":
        this.#memory.takeReport();
        this.#reporters.get(report.rule)?.(report);
        break;
      case "notice":
        this.#events.notice(report);
        break;
      case "answer":
        this.#answers.get(report.answer)?.(report.counts);
        this.#answers.delete(report.answer);
        break;
      case "ended":
        this.#survivor.forget(report.listener);
        this.#listeners.delete(report.listener);
        if (this.#listeners.size === 0) this.#events.idle();
        break;
    }
  }
}
