/**
 * One notebook session: evaluates a cell's text, then runs what the text registered, in order. Names and services stay for
 * the next cell; a cell that fails keeps what it had assigned.
 */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { Problem } from "../../model/problem.ts";
import type { Event } from "../../model/event.ts";
import type { MatrixRecord, RunWindow, Verdict } from "../../model/verdict.ts";
import type { Json } from "../../model/json.ts";
import type { CellPlace, Done } from "../messages.ts";
import { Cancelled, CELL_OPTIONS, FILE_OPTIONS, Module, repr, run as evaluate, Source, Thread, universe } from "../language/index.ts";
import type { Value } from "../language/index.ts";
import { KNOWN_FIELDS } from "../history/query.ts";
import { probes } from "../probes/probe.ts";
import type { Probe } from "../probes/probe.ts";
import { pairKey } from "../spec/declarations.ts";
import type { Run } from "../spec/declarations.ts";
import type { Steps } from "../spec/service.ts";
import { vocabulary } from "../spec/vocabulary.ts";
import { Display } from "./display.ts";
import type { Emit } from "./display.ts";
import { drive } from "./driver.ts";
import { showError } from "./errors.ts";
import { runMatrix } from "./matrix.ts";
import { beginning, performer } from "./perform.ts";
import { progressOf } from "./progress.ts";
import { run } from "./run.ts";
import type { Setting } from "./run.ts";
import { World } from "./world.ts";

/** Protocols that an interface may have although nothing here speaks them yet: they are still connected to, and broken. */
const SILENT_PROTOCOLS = ["postgres", "tcp"];

interface NamedVerdict {
  readonly name: string;
  readonly verdict: Verdict;
}

export class Session {
  readonly world = new World();
  readonly #module = new Module("notebook");
  readonly #sources = new Map<string, Source>();
  readonly #vocabulary: ReadonlyMap<string, Value>;
  readonly #loaded = new Map<string, { readonly text: string; readonly module: Module }>();
  /** Directories of the files that are being evaluated, the innermost last; the notebook's is at the bottom. */
  readonly #directories = [process.cwd()];
  readonly #loading: string[] = [];

  constructor() {
    const steps: Steps = new Map([
      ...SILENT_PROTOCOLS.map((protocol): [string, ReadonlyMap<string, readonly string[]>] => [protocol, new Map()]),
      ...[...probes].map(([protocol, probe]): [string, ReadonlyMap<string, readonly string[]>] => [protocol, parametersOf(probe)]),
    ]);
    const { declarations, secrets } = this.world;
    const directory = (): string => this.#directories.at(-1) ?? process.cwd();
    this.#vocabulary = vocabulary({ declarations, secrets, steps, directory }, { known: this.#known, names: () => this.#fieldNames() });
  }

  /** Names that a cell may use, for completion. */
  names(): Iterable<string> {
    return [...this.#module.globals.keys(), ...this.#vocabulary.keys(), ...universe.keys()];
  }

  async execute(id: number, code: string, cell: CellPlace, emit: Emit, signal: AbortSignal): Promise<Done> {
    const name = `Cell In[${cell.count}]`;
    const source = new Source(name, code);
    this.#sources.set(name, source);
    const display = new Display(this.world, `${this.world.label}-${id}`, emit);
    const verdicts: NamedVerdict[] = [];
    const matrices: MatrixRecord[] = [];
    const progress = progressOf(display);
    const setting: Setting = { world: this.world, thread: this.#thread(display), signal, progress: progress.report, known: this.#known };
    const done = (): Pick<Done, "type" | "id" | "metadata"> => ({
      type: "done",
      id,
      metadata: { faultbook: { verdicts: verdicts as unknown as Json, matrices: matrices as unknown as Json } },
    });
    try {
      this.world.declarations.take(); // what a cell that failed had registered is not run by the next
      this.world.declarations.place = name;
      const scope = { ...beginning(this.world), signal, progress: progress.report };
      const chunk = evaluate(source, this.#module, this.#vocabulary, CELL_OPTIONS, setting.thread);
      const value = await drive(chunk, performer(this.world, scope), signal);
      const { runs, notices } = this.world.declarations.take();
      if (notices.length > 0) display.text("stdout", notices.map((notice) => `${notice}\n`).join(""));
      for (const one of runs) await this.#run(setting, one, display, verdicts, matrices, () => progress.close());
      if (value !== undefined && value !== null) display.result(repr(value));
      return { ...done(), status: "ok" };
    } catch (thrown) {
      const shown = showError(signal.aborted ? new Cancelled() : thrown, this.#sources);
      const masked = {
        ename: shown.ename,
        evalue: this.world.secrets.mask(shown.evalue),
        traceback: shown.traceback.map((line) => this.world.secrets.mask(line)),
      };
      emit({ kind: "error", ...masked });
      return { ...done(), status: "error", error: masked };
    } finally {
      await progress.close();
    }
  }

  async #run(
    setting: Setting,
    one: Run,
    display: Display,
    verdicts: NamedVerdict[],
    matrices: MatrixRecord[],
    settle: () => Promise<void>,
  ): Promise<void> {
    for (const died of await this.world.services.revive(setting.signal)) display.text("stdout", `${died}; it was restarted\n`);
    switch (one.kind) {
      case "scenario": {
        const { timelineBundle } = await import("../../renderers/timeline.ts");
        const { record } = await run(setting, { scenario: one.scenario, monitors: [], requireFire: false });
        await settle();
        verdicts.push({ name: one.scenario.name, verdict: record.verdict });
        const title = `${record.scenario} ${record.verdict} · ${record.reason || record.answer}`;
        const services = this.world.services.started();
        await display.live().finish(() => timelineBundle(title, this.#events(record.window), record.window, services, { picture: true }));
        return;
      }
      case "matrix": {
        const { matrixBundle } = await import("../../renderers/matrix.ts");
        await setting.world.services.ensure(
          [...this.world.services.started(), ...one.matrix.faults.map((fault) => fault.target)],
          setting.progress,
          setting.signal,
        );
        await settle();
        const live = display.live();
        const draft = (record: MatrixRecord): void =>
          live.update(() => matrixBundle(record, (cell) => this.#events(cell.window), { picture: false }));
        const record = await runMatrix(setting, one.matrix, draft);
        for (const cell of record.cells) {
          // A baseline that is well proves nothing by itself; one that isn't is a finding.
          if (cell.fault === undefined && cell.verdict === "passed") continue;
          verdicts.push({ name: pairKey(cell.scenario, cell.fault ?? "baseline"), verdict: cell.verdict });
        }
        matrices.push(record);
        await live.finish(() => matrixBundle(record, (cell) => this.#events(cell.window), { picture: true }));
        return;
      }
    }
  }

  #events(window: RunWindow): readonly Event[] {
    return this.world.history.events({ from: window.from_seq, to: window.to_seq, since_ms: window.since_ms });
  }

  readonly #known = (name: string): boolean => KNOWN_FIELDS.includes(name) || this.world.history.fieldNames().has(name);

  #fieldNames(): Iterable<string> {
    return [...KNOWN_FIELDS, ...this.world.history.fieldNames()];
  }

  #thread(display: Display): Thread {
    return new Thread({
      print: (text) => display.text("stdout", `${text}\n`),
      load: (name, thread) => this.#load(name, thread),
    });
  }

  /** A file of the spec, relative to the file that loads it; evaluated again only when its text has changed. */
  *#load(name: string, thread: Thread): Generator<unknown, Module, unknown> {
    const path = resolve(this.#directories.at(-1) ?? process.cwd(), name);
    if (this.#loading.includes(path)) {
      throw new Problem(
        "LOAD_CYCLE",
        "spec",
        `load: ${[...this.#loading, path].join(" → ")} is a cycle`,
        "A file can't load itself, directly or by another.",
      );
    }
    const text = readSpec(name, path);
    const before = this.#loaded.get(path);
    if (before?.text === text) return before.module;
    const source = new Source(name, text);
    this.#sources.set(name, source);
    const module = new Module(name);
    const { place } = this.world.declarations;
    this.#directories.push(dirname(path));
    this.#loading.push(path);
    this.world.declarations.place = name;
    try {
      yield* evaluate(source, module, this.#vocabulary, FILE_OPTIONS, thread);
    } finally {
      this.world.declarations.place = place;
      this.#directories.pop();
      this.#loading.pop();
    }
    this.#loaded.set(path, { text, module });
    return module;
  }
}

/** The methods of a probe with their parameters as the language takes them. */
function parametersOf(probe: Probe): ReadonlyMap<string, readonly string[]> {
  return new Map(probe.methods.map(({ name, parameters }) => [name, parameters.map((one) => (one.required ? one.name : `${one.name}?`))]));
}

function readSpec(name: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const why = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new Problem(
      "LOAD_FAILED",
      "spec",
      `load: can't read "${name}" (${why})`,
      `Looked for ${path}. Paths are relative to the file that loads.`,
    );
  }
}
