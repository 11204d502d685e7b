/**
 * One notebook session: evaluates a cell's text, then runs what the text registered, in order. Names and services stay for
 * the next cell; a cell that fails keeps what it had assigned.
 */
import { readFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { Problem } from "../../model/problem.ts";
import type { Event } from "../../model/event.ts";
import type { MatrixRecord, RunWindow, Verdict } from "../../model/verdict.ts";
import type { Json } from "../../model/json.ts";
import type { CellPlace, Done } from "../messages.ts";
import { Cancelled, CELL_OPTIONS, loader, Module, repr, run as evaluate, Source, Thread, universe } from "../language/index.ts";
import type { Value } from "../language/index.ts";
import { KNOWN_FIELDS } from "../history/query.ts";
import { probes } from "../probes/probe.ts";
import type { Probe } from "../probes/probe.ts";
import { pairKey } from "../spec/declarations.ts";
import type { Run } from "../spec/declarations.ts";
import type { Steps } from "../spec/service.ts";
import { vocabulary } from "../spec/vocabulary.ts";
import { Display } from "./display.ts";
import type { Bundle, Emit } from "./display.ts";
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

  constructor() {
    const steps: Steps = new Map([
      ...SILENT_PROTOCOLS.map((protocol): [string, ReadonlyMap<string, readonly string[]>] => [protocol, new Map()]),
      ...[...probes].map(([protocol, probe]): [string, ReadonlyMap<string, readonly string[]>] => [protocol, parametersOf(probe)]),
    ]);
    const { declarations, secrets } = this.world;
    const directory = (file: string): string => this.#directory(file);
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
      // Outside of a run, events() looks at the whole record.
      const scope = { ...beginning(this.world), from_seq: 1, since_ms: -Infinity, signal, progress: progress.report };
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
    for (const died of await this.world.services.revive(setting.progress, setting.signal))
      display.text("stdout", `${died}; it was restarted\n`);
    switch (one.kind) {
      case "scenario": {
        const { timelineBundle } = await import("../../renderers/timeline.ts");
        const { record } = await run(setting, { scenario: one.scenario, monitors: [], requireFire: false });
        await settle();
        verdicts.push({ name: one.scenario.name, verdict: record.verdict });
        const title = `${record.scenario} ${record.verdict} · ${record.reason || record.answer}`;
        if (record.verdict !== "passed") display.text("stdout", `${record.scenario} ${record.verdict}: ${record.reason}\n`);
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
        let latest: MatrixRecord | undefined;
        const draw = (record: MatrixRecord, picture: boolean): Promise<Bundle> =>
          matrixBundle(record, (cell) => this.#events(cell.window), { picture });
        try {
          latest = await runMatrix(setting, one.matrix, (record) => {
            latest = record;
            live.update(() => draw(record, false));
          });
        } finally {
          // What was found before an interrupt was found; and the last word comes before the cell's end.
          if (latest !== undefined) {
            const record = latest;
            verdicts.push(...verdictsOf(record));
            matrices.push(record);
            await live.finish(() => draw(record, true));
          }
        }
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
      // A loader a cell: a cell that is run again sees the files as they are now, those that they load too.
      load: loader({ read: (name, from) => this.#read(name, from), predeclared: this.#vocabulary }),
    });
  }

  /** The text of a file of the spec. Files are named by their path from the notebook, which is how errors show them. */
  // eslint-disable-next-line require-yield -- the loader allows for effects; a file is read at once
  *#read(name: string, from: string): Generator<unknown, Source, unknown> {
    const path = resolve(this.#directory(from), name);
    const source = new Source(relative(process.cwd(), path), readSpec(name, path));
    this.#sources.set(source.name, source);
    return source;
  }

  /** The directory of a text by its name: a file's own, or the notebook's. */
  #directory(file: string): string {
    return /^Cell In\[\d+\]$/.test(file) ? process.cwd() : dirname(resolve(file));
  }
}

function verdictsOf(record: MatrixRecord): readonly NamedVerdict[] {
  // A baseline that is well proves nothing by itself; one that isn't is a finding.
  return record.cells
    .filter((cell) => cell.fault !== undefined || cell.verdict !== "passed")
    .map((cell) => ({ name: pairKey(cell.scenario, cell.fault ?? "baseline"), verdict: cell.verdict }));
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
