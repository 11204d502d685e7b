/**
 * The live topology: starts services when first needed, in the order of their dependencies, keeps them between cells, and
 * restarts those that died. Health is waited for here and nowhere else.
 */
import { readFileSync } from "node:fs";
import type { Service } from "../../model/declaration.ts";
import type { Fact } from "../../model/event.ts";
import { didYouMean } from "../../model/nearest.ts";
import { formatDuration } from "../../model/duration.ts";
import { Problem } from "../../model/problem.ts";
import type { Engine, Progress, Running, State } from "../engines/engine.ts";
import { waitHealthy } from "../engines/health.ts";
import { observe } from "../sources/stdout.ts";
import { now_ms } from "./clock.ts";
import type { Source } from "../sources/source.ts";

interface Started {
  readonly service: Service;
  running: Running;
  readonly source: Source | undefined;
}

export class Services {
  readonly #declared: ReadonlyMap<string, Service>;
  readonly #engine: () => Promise<Engine>;
  readonly #record: (fact: Fact) => void;
  readonly #started = new Map<string, Started>();
  /** Those that were seen to have ended and are not back, with how. */
  readonly #dead = new Map<string, string>();

  constructor(declared: ReadonlyMap<string, Service>, engine: () => Promise<Engine>, record: (fact: Fact) => void) {
    this.#declared = declared;
    this.#engine = engine;
    this.#record = record;
  }

  /** Those that run or ran, in order of declaration. */
  started(): readonly string[] {
    return [...this.#declared.keys()].filter((name) => this.#started.has(name));
  }

  running(name: string): Running {
    const found = this.#started.get(name);
    if (found === undefined) throw new Error(`service ${name} was not started`);
    return found.running;
  }

  declared(name: string): Service {
    const service = this.#declared.get(name);
    if (service === undefined) {
      throw new Problem(
        "UNKNOWN_SERVICE",
        "spec",
        `no service is named "${name}"${didYouMean(name, this.#declared.keys())}`,
        "Declare it: service(…).",
      );
    }
    return service;
  }

  /** Whether these and what they depend on run as they are declared now. */
  ready(names: readonly string[]): boolean {
    return this.#closure(names).every((name) => this.#asDeclared(name));
  }

  /** Starts these services and what they depend on; does nothing for those that run. */
  async ensure(names: readonly string[], progress: Progress, signal: AbortSignal): Promise<void> {
    const wanted = this.#closure(names).filter((name) => !this.#asDeclared(name));
    if (wanted.length === 0) return;
    const engine = await this.#engine();
    const begun = new Map<string, Promise<void>>();
    for (const name of wanted) {
      const service = this.declared(name);
      const before = service.dependsOn.map((dependency) => begun.get(dependency) ?? Promise.resolve());
      begun.set(
        name,
        Promise.all(before).then(() => this.#start(service, engine, progress, signal)),
      );
    }
    const ends = await Promise.allSettled(begun.values());
    const failed = ends.find((end) => end.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }

  /** Looks who has stopped running and records each death once: "db exited with 1". Costs microseconds while all run. */
  async look(): Promise<readonly string[]> {
    const engine = await this.#engine();
    const missed = this.started().filter((name) => !this.#dead.has(name) && !seenRunning(this.running(name)));
    await Promise.all(
      missed.map(async (name) => {
        const state = await engine.state(name);
        const started = this.#started.get(name);
        if (started === undefined) return;
        // Restarted by somebody else, or by an order of ours that was not waited for.
        if (state.state === "running") started.running = state.running;
        else this.#died(name, state);
      }),
    );
    return [...this.#dead].map(([name, how]) => `${name} ${how}`);
  }

  /** Brings back those that have stopped running and waits until they are healthy; tells each with how it had ended. */
  async revive(progress: Progress, signal: AbortSignal): Promise<readonly string[]> {
    if (this.#started.size === 0) return [];
    const dead = await this.look();
    for (const name of [...this.#dead.keys()]) await this.restart(name, progress, signal);
    return dead;
  }

  async restart(name: string, progress: Progress, signal: AbortSignal): Promise<void> {
    const engine = await this.#engine();
    const started = this.#started.get(name);
    if (started === undefined) return;
    if ((await engine.state(name)).state === "absent") {
      await this.#start(started.service, engine, progress, signal);
    } else {
      started.running = await engine.restart(name, signal);
      const { ms } = await waitHealthy(started.service, started.running, engine, signal);
      this.#fact("service_restarted", name, `healthy after ${formatDuration(ms)}`);
    }
    this.#dead.delete(name);
  }

  /** Waits until what services have written so far is in the record. */
  async caughtUp(signal: AbortSignal): Promise<void> {
    await Promise.all([...this.#started.values()].flatMap(({ source }) => (source === undefined ? [] : [source.caughtUp(signal)])));
  }

  close(): void {
    for (const { source } of this.#started.values()) source?.close();
    this.#started.clear();
  }

  async #start(service: Service, engine: Engine, progress: Progress, signal: AbortSignal): Promise<void> {
    const before = this.#started.get(service.name);
    before?.source?.close();
    this.#started.delete(service.name);
    this.#fact("service_starting", service.name, "");
    const running = await engine.start(service, progress, signal);
    progress(service.name, "waiting until it is healthy");
    const { ms } = await waitHealthy(service, running, engine, signal);
    const source = service.observe.length === 0 ? undefined : await observe(service, engine, this.#record);
    await source?.caughtUp(signal); // what it wrote while starting is no evidence of any run
    this.#started.set(service.name, { service, running, source });
    this.#fact("service_ready", service.name, `healthy after ${formatDuration(ms)}`);
    progress(service.name, "ready");
  }

  #died(name: string, state: Exclude<State, { state: "running" }>): void {
    const ended =
      state.state === "exited" ? (state.oom_killed ? "was killed: out of memory" : `exited with ${state.exit_code}`) : "is gone";
    this.#dead.set(name, ended);
    this.#fact("service_died", name, ended);
  }

  #asDeclared(name: string): boolean {
    const started = this.#started.get(name);
    return started !== undefined && JSON.stringify(started.service) === JSON.stringify(this.declared(name));
  }

  /** These services and all that they depend on, dependencies first. */
  #closure(names: readonly string[]): readonly string[] {
    const found = new Set<string>();
    const visit = (name: string): void => {
      if (found.has(name)) return;
      for (const dependency of this.declared(name).dependsOn) visit(dependency);
      found.add(name);
    };
    for (const name of names) visit(name);
    return [...found];
  }

  #fact(type: string, service: string, detail: string): void {
    this.#record({ time_ms: now_ms(), service, type, fields: { detail } });
  }
}

/**
 * Whether the container's first process is there, as the kernel tells it: its control groups have the container's id (and not
 * only its number, which another process may have by now). Costs microseconds; where it says no, the engine is asked.
 */
function seenRunning(running: Running): boolean {
  try {
    return readFileSync(`/proc/${running.pid}/cgroup`, "utf8").includes(running.id);
  } catch {
    return false;
  }
}
