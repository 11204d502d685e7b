/** What the tests of packets and resets act on: processes in cgroups and network namespaces of our own, removed at the end. */
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, rmdirSync } from "node:fs";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cgroupOf } from "../../injector/linux/cgroup.ts";
import type { Answer, Order } from "./talker.ts";

const PATIENCE_MS = 30_000;

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
      for (const deadline = Date.now() + PATIENCE_MS; ; await sleep(20)) {
        try {
          rmdirSync(directory);
          return;
        } catch (error) {
          if (Date.now() > deadline) throw error;
        }
      }
    });
    return directory;
  }

  /** Two new network namespaces with an address each, joined by a cable. */
  cable(): readonly { readonly namespace: string; readonly address: string }[] {
    const ends = ["a", "b"].map((end, index) => ({ namespace: `fbtest-${process.pid}-${end}`, address: `10.213.7.${index + 1}` }));
    const ip = (...args: string[]) => void execFileSync("ip", args, { stdio: ["ignore", "ignore", "inherit"] });
    for (const { namespace } of ends) {
      ip("netns", "add", namespace);
      this.later(() => ip("netns", "delete", namespace));
      ip("-n", namespace, "link", "set", "lo", "up");
    }
    const [a, b] = ends.map(({ namespace }) => namespace);
    ip("-n", a ?? "", "link", "add", "wire", "type", "veth", "peer", "name", "wire", "netns", b ?? "");
    for (const { namespace, address } of ends) {
      ip("-n", namespace, "address", "add", `${address}/24`, "dev", "wire");
      ip("-n", namespace, "link", "set", "wire", "up");
    }
    return ends;
  }

  /** The talker, in a cgroup or a network namespace where one is named. */
  talker(place: { readonly cgroup?: string; readonly namespace?: string } = {}): Talker {
    const program = [process.execPath, join(import.meta.dirname, "talker.ts")];
    const command = [
      "sh",
      "-c",
      `${place.cgroup === undefined ? "" : `echo $$ > "${place.cgroup}/cgroup.procs";`} exec "$@"`,
      "sh",
      ...program,
    ];
    if (place.namespace !== undefined) command.unshift("ip", "netns", "exec", place.namespace);
    const talker = new Talker(command);
    this.later(() => talker.kill());
    return talker;
  }
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

  /** sh and ip replace themselves by the program, so the child's pid is its pid. */
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
