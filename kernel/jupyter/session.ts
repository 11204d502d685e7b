/**
 * Keeps a session process alive behind the kernel: starts it at once, starts another when one has died, and tells whoever
 * waited what happened. Requests come one at a time (the shell channel is a queue); `interrupt` comes at any.
 */
import { Child, type AnswerTo, type Ending } from "./child.ts";
import type { CellPlace, Done, Output } from "../messages.ts";

/** What the session owes within which time; after that the client gets an empty answer. JupyterLab waits 1 s for a completion. */
const LIMITS_MS = { complete: 900, inspect: 5000, is_complete: 5000 } as const;

export class Session {
  readonly #program: string;
  #child: Child;
  /** Why there is no process at the moment: the last one could not even start. The next request tries again. */
  #failed = false;
  /** A process died while nobody waited for it; whoever executes next must know that names are gone. */
  #unannounced: Ending | undefined;
  #ids = 0;
  #ending = false;

  constructor(program: string) {
    this.#program = program;
    this.#child = this.#start();
  }

  /** Runs a cell. A session that dies meanwhile ends it with the error `SessionDied`. */
  async execute(code: string, cell: CellPlace, silent: boolean, listener: (output: Output) => void): Promise<Omit<Done, "type" | "id">> {
    const child = this.#alive();
    if (this.#unannounced !== undefined && !silent) {
      listener({ kind: "stream", name: "stderr", text: `${obituary(this.#unannounced)}\n` });
      this.#unannounced = undefined;
    }
    const done = await child.execute({ type: "execute", id: this.#next(), code, cell, silent }, listener);
    if (done !== undefined) return done;
    const ending = await child.ended;
    this.#unannounced = undefined;
    const evalue = obituary(ending);
    const traceback = [`SessionDied: ${evalue}`, ...(ending.lastWords === "" ? [] : ["Its last words were:", ending.lastWords])];
    return { status: "error", error: { ename: "SessionDied", evalue, traceback }, metadata: {} };
  }

  complete(code: string, cursor: number): Promise<AnswerTo<"complete"> | undefined> {
    return this.#alive().ask({ type: "complete", id: this.#next(), code, cursor }, LIMITS_MS.complete);
  }

  inspect(code: string, cursor: number, detail: 0 | 1): Promise<AnswerTo<"inspect"> | undefined> {
    return this.#alive().ask({ type: "inspect", id: this.#next(), code, cursor, detail }, LIMITS_MS.inspect);
  }

  isComplete(code: string): Promise<AnswerTo<"is_complete"> | undefined> {
    return this.#alive().ask({ type: "is_complete", id: this.#next(), code }, LIMITS_MS.is_complete);
  }

  interrupt(): void {
    this.#child.tell({ type: "interrupt" });
  }

  /** Asks the process to clean up and end by itself; it does so also when we are gone first. */
  shutdown(): void {
    this.#ending = true;
    this.#child.tell({ type: "shutdown" });
  }

  #next(): number {
    this.#ids += 1;
    return this.#ids;
  }

  #alive(): Child {
    if (this.#failed) {
      this.#failed = false;
      this.#child = this.#start();
    }
    return this.#child;
  }

  #start(): Child {
    const child = new Child(this.#program);
    void child.ended.then((ending) => {
      if (this.#ending) return;
      this.#unannounced = ending;
      if (ending.wasReady) this.#child = this.#start();
      else this.#failed = true;
    });
    return child;
  }
}

function obituary({ how, wasReady }: Ending): string {
  if (!wasReady)
    return `The session process could not start (${how}); the next cell tries again. \`./faultbook doctor\` tells what is missing.`;
  return (
    `The session process died (${how}). Names and services of that session are gone; a new session was started. ` +
    "Run the cells again from the first."
  );
}
