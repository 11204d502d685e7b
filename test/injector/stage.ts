/** What the tests of packets and resets act on: processes in cgroups of our own, and containers, removed at the end. */
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmdirSync } from "node:fs";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cgroupOf } from "../../injector/linux/cgroup.ts";
import type { Answer, Order } from "./talker.ts";

const PATIENCE_MS = 30_000;
const IMAGE = "faultbook/node:24";

/** Undo steps, run in reverse by `leave`. */
export class Stage {
  readonly #undo: (() => void | Promise<void>)[] = [];

  later(undo: () => void | Promise<void>): void {
    this.#undo.push(undo);
  }

  async leave(): Promise<void> {
    for (let undo = this.#undo.pop(); undo !== undefined; undo = this.#undo.pop()) await undo();
  }

  /** A new cgroup v2 below our own. */
  cgroup(): string {
    const own = cgroupOf("self");
    if (typeof own === "string") throw new Error(own);
    const directory = join(own.directory, `faultbook-test-${process.pid}-${this.#undo.length}`);
    mkdirSync(directory);
    this.later(async () => {
      // Its processes have been killed, but the kernel may not have buried them yet.
      const deadline = Date.now() + PATIENCE_MS;
      for (;;) {
        try {
          rmdirSync(directory);
          return;
        } catch (error) {
          if (Date.now() > deadline) throw error;
        }
        await sleep(20);
      }
    });
    return directory;
  }

  /** The talker as a process beside us, in a cgroup where one is named. */
  talker(cgroup?: string): Talker {
    const program = [process.execPath, join(import.meta.dirname, "talker.ts")];
    const enter = cgroup === undefined ? "" : `echo $$ > "${cgroup}/cgroup.procs"; `;
    const talker = new Talker(["sh", "-c", `${enter}exec "$@"`, "sh", ...program]);
    this.later(() => talker.kill());
    return talker;
  }

  /** The talker as the first process of a container of its own, with a cgroup and a network of its own. */
  async container(): Promise<{ readonly talker: Talker; readonly pid: number; readonly address: string }> {
    const name = `faultbook-test-${process.pid}-${this.#undo.length}`;
    const program = ["node", "--input-type=module-typescript", "--eval", readFileSync(join(import.meta.dirname, "talker.ts"), "utf8")];
    const talker = new Talker(["docker", "run", "--interactive", "--name", name, "--label", "faultbook=test", IMAGE, ...program]);
    this.later(() => talker.kill());
    this.later(() => void docker("rm", "--force", "--volumes", name));
    await talker.ask({ do: "listen", host: "127.0.0.1" }); // it runs
    const [pid = "", address = ""] = docker("inspect", "--format", "{{.State.Pid}} {{.NetworkSettings.IPAddress}}", name).split(" ");
    return { talker, pid: Number(pid), address };
  }
}

/** What a module's text prints when it runs as root without a single capability. */
export function withoutCapabilities(module: string): string {
  const node = [process.execPath, "--input-type=module", "--eval", module];
  return execFileSync("setpriv", ["--bounding-set=-all", "--inh-caps=-all", ...node], { encoding: "utf8", timeout: PATIENCE_MS });
}

function docker(...args: string[]): string {
  return execFileSync("docker", args, { encoding: "utf8" }).trim();
}

export class Talker {
  readonly #child;
  readonly #answers: AsyncIterator<string>;
  readonly #gone: Promise<void>;

  constructor(command: readonly string[]) {
    const [file = "", ...args] = command;
    this.#child = spawn(file, args, { stdio: ["pipe", "pipe", "inherit"] });
    this.#gone = new Promise((resolve) => this.#child.once("exit", () => resolve()));
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** sh replaces itself by the program, so the child's pid is its pid. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async ask(order: Order): Promise<Answer> {
    this.#child.stdin.write(JSON.stringify(order) + "\n");
    const line = await within(this.#answers.next(), `an answer to ${order.do}`);
    if (line.done === true) throw new Error("the talker is gone");
    return JSON.parse(line.value) as Answer;
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#gone;
  }
}

/** What the promise gives, or an error that says what was waited for. */
export async function within<T>(promise: Promise<T>, what: string, ms = PATIENCE_MS): Promise<T> {
  const waiting = new AbortController();
  const late = sleep(ms, undefined, { signal: waiting.signal }).then(() => Promise.reject(new Error(`waited ${ms} ms for ${what}`)));
  try {
    return await Promise.race([promise, late]);
  } finally {
    waiting.abort();
    late.catch(() => undefined);
  }
}
