/**
 * What the cells of one session act on: declarations, the record, services, the engine and the injector, each made when it
 * is first needed. It owns them: `close` lifts every fault and removes what is ours.
 */
import { randomBytes } from "node:crypto";
import type { CallReport, Report } from "../../injector/messages.ts";
import type { Event, Fact } from "../../model/event.ts";
import { connectDocker } from "../engines/docker.ts";
import type { Engine } from "../engines/engine.ts";
import { History } from "../history/history.ts";
import { Declarations } from "../spec/declarations.ts";
import { Secrets } from "../spec/secrets.ts";
import { now_ms } from "./clock.ts";
import { Injector } from "./injector.ts";
import { Services } from "./services.ts";

export class World {
  /** The value of the label `faultbook` on everything of this session. */
  readonly label = randomBytes(4).toString("hex");
  readonly history = new History();
  readonly declarations = new Declarations();
  readonly secrets = new Secrets();
  readonly services: Services;
  /** Faults that killed a service in this session, by name: a matrix runs them last. */
  readonly killers = new Set<string>();
  /** Told of every call that a rule acted on, while a run listens. */
  onCall: ((call: CallReport) => void) | undefined;
  #engine: Promise<Engine> | undefined;
  #injector: Promise<Injector> | undefined;

  constructor() {
    this.services = new Services(
      this.declarations.services,
      () => this.engine(),
      (fact) => void this.record(fact),
    );
  }

  record(fact: Fact): Event {
    const fields = Object.fromEntries(Object.entries(fact.fields).map(([name, value]) => [name, this.secrets.mask(value)]));
    return this.history.record({ ...fact, fields, ...(fact.data === undefined ? {} : { data: this.masked(fact.data) }) });
  }

  /** The same plain data without secrets in any of its texts. */
  masked<T>(value: T): T {
    return mask(value, (text) => this.secrets.mask(text)) as T; // only texts were changed
  }

  /** The engine; with it the injector's keeper, which removes containers when we can't. */
  async engine(): Promise<Engine> {
    const engine = (this.#engine ??= this.#connect());
    try {
      return await engine;
    } catch (error) {
      this.#engine = undefined; // tried again by the next cell: Docker may have been started meanwhile
      throw error;
    }
  }

  async injector(): Promise<Injector> {
    const current = await this.#injector?.catch(() => undefined);
    if (current !== undefined && current.gone === undefined) return current;
    this.#injector = this.#startInjector();
    return this.#injector;
  }

  /** The injector that serves now; undefined when none was needed yet or it died. */
  async livingInjector(): Promise<Injector | undefined> {
    const current = await this.#injector?.catch(() => undefined);
    return current?.gone === undefined ? current : undefined;
  }

  async close(): Promise<void> {
    this.services.close();
    const engine = await this.#engine?.catch(() => undefined);
    await engine?.removeAll();
    (await this.livingInjector())?.close();
  }

  async #connect(): Promise<Engine> {
    const engine = await connectDocker(this.label);
    await engine.sweep(); // what a session left that was killed together with its keeper
    // In the background: its keeper guards our containers, and arming, which says why it can't, asks for it again.
    this.injector().catch(() => undefined);
    return engine;
  }

  async #startInjector(): Promise<Injector> {
    const engine = await this.engine();
    const injector = new Injector((report) => this.#take(report));
    try {
      await injector.order<"begin">({ order: "begin", owner: process.pid, label: this.label, docker: engine.address });
    } catch (error) {
      injector.close();
      throw error;
    }
    return injector;
  }

  #take(report: Report): void {
    switch (report.report) {
      case "call":
        this.onCall?.(report);
        return;
      case "notice":
        this.record({ time_ms: now_ms(), service: "faultbook", type: "notice", fields: { code: report.code, message: report.message } });
        return;
    }
  }
}

function mask(value: unknown, hide: (text: string) => string): unknown {
  if (typeof value === "string") return hide(value);
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((item: unknown) => mask(item, hide));
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, mask(item, hide)]));
}
