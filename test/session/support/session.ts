/** A real session process, spoken to over its pipe as the protocol process does. */
import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Done, Output, Report, Request } from "../../../kernel/messages.ts";
import type { Json } from "../../../model/json.ts";
import type { CellRecord, MatrixRecord } from "../../../model/verdict.ts";

export const SESSION_MAIN = fileURLToPath(new URL("../../../kernel/session/main.ts", import.meta.url));
export const COURSE = fileURLToPath(new URL("../../../notebooks/course/", import.meta.url));

export interface Ran {
  readonly outputs: readonly Output[];
  readonly done: Done;
}

export class SessionProcess {
  readonly child: ChildProcess;
  readonly #ended: Promise<string>;
  #next = 1;
  readonly #takers = new Map<number, (report: Report) => void>();

  /** @param cwd where the cells' notebook lies */
  constructor(cwd = COURSE, env: Readonly<Record<string, string>> = {}) {
    this.child = fork(SESSION_MAIN, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "inherit", "inherit", "ipc"] });
    this.#ended = once(this.child, "exit").then(([code, signal]: (string | number | null)[]) => String(signal ?? code));
    this.child.on("message", (report: Report) => {
      if ("id" in report) this.#takers.get(report.id)?.(report);
    });
  }

  send(request: Request): void {
    this.child.send(request);
  }

  /** Runs a cell; `onOutput` sees its outputs as they come. */
  async run(code: string, onOutput: (output: Output) => void = () => undefined): Promise<Ran> {
    const id = this.#next++;
    const outputs: Output[] = [];
    const done = new Promise<Done>((resolve, reject) => {
      this.#ended.then((how) => reject(new Error(`the session ended (${how}) during a cell`)), reject);
      this.#takers.set(id, (report) => {
        if (report.type === "output") {
          outputs.push(report.output);
          onOutput(report.output);
        } else if (report.type === "done") resolve(report);
      });
    });
    this.send({ type: "execute", id, code, cell: { count: id }, silent: false });
    return { outputs, done: await done };
  }

  /** Asks it to shut down and waits until it has. */
  async end(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    if (this.child.connected) this.send({ type: "shutdown" });
    await this.#ended;
  }
}

/** The error that a cell ended with, as its reader sees it. */
export function errorText(ran: Ran): string {
  return ran.done.error?.traceback.join("\n") ?? "";
}

/** All text of a cell: streams, results, and of each display what it last showed. */
export function textOf(ran: Ran): string {
  const shown = new Map<string, string>();
  let anonymous = 0;
  for (const output of ran.outputs) {
    if (output.kind === "stream") shown.set(`#${anonymous++}`, output.text);
    else if (output.kind === "result" || output.kind === "display") {
      const key = output.kind === "display" ? (output.display ?? `#${anonymous++}`) : `#${anonymous++}`;
      shown.set(key, plain(output.data["text/plain"]));
    }
  }
  return [...shown.values()].join("\n");
}

function plain(content: Json | undefined): string {
  return typeof content === "string" ? content : JSON.stringify(content);
}

/** The matrices that a cell ran, as `done` tells them. */
export function matricesOf(ran: Ran): readonly MatrixRecord[] {
  const told = ran.done.metadata["faultbook"] as unknown as { readonly matrices: readonly MatrixRecord[] };
  return told.matrices;
}

export function cellOf(matrix: MatrixRecord, scenario: string, fault?: string): CellRecord {
  const found = matrix.cells.find((cell) => cell.scenario === scenario && cell.fault === fault);
  if (found === undefined) throw new Error(`the matrix has no cell ${scenario} × ${fault ?? "baseline"}`);
  return found;
}
