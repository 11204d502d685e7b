/**
 * The injector's side of its keeper: starts it, gives it a copy of every listener, and starts another when it dies. The
 * keeper's own side, and what it does alone, is `keeper.ts`.
 */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { closeSync } from "node:fs";
import { Socket } from "node:net";
import { extname, join } from "node:path";
import { Problem } from "../model/problem.ts";
import { sendPacket, socketPair } from "./linux/descriptors.ts";
import type { DockerAddress } from "./messages.ts";

/** What the keeper is started with, as JSON in its first argument. */
export interface Charge {
  /** The session's process. */
  readonly owner: number;
  readonly injector: number;
  /** Value of the label `faultbook` on what it removes. */
  readonly label: string;
  readonly docker: DockerAddress;
}

/** From the injector to the keeper, a packet each. `listen` carries the descriptor. */
export type KeeperOrder =
  | { readonly order: "listen"; readonly listener: number }
  | { readonly order: "ended"; readonly listener: number }
  | { readonly order: "session gone" };

/** Where the keeper finds them. */
export const KEEPER_SOCKET = 3;
export const KEEPER_MEMORY = 4;
/** Lines that the keeper writes to the injector. */
export const KEEPER_READY = "ready";
export const KEEPER_SESSION_GONE = "session gone";

const START_MS = 10_000;
const RESTARTS_MAX = 20;

export interface KeeperEvents {
  /** The keeper has seen the session die. */
  sessionGone(): void;
  /** It died and another one is there; or `failed`, and nobody survives the injector. */
  replaced(failed: boolean): void;
}

export class KeeperLink {
  readonly #charge: Charge;
  readonly #memory: number;
  readonly #events: KeeperEvents;
  readonly #listeners = new Map<number, number>();
  #child: ChildProcess | undefined;
  #socket = -1;
  #restarts = 0;
  #sessionGone = false;

  private constructor(charge: Charge, memory: number, events: KeeperEvents) {
    this.#charge = charge;
    this.#memory = memory;
    this.#events = events;
  }

  /** Resolves when the keeper is on guard. Throws Problem. */
  static async start(charge: Charge, memory: number, events: KeeperEvents): Promise<KeeperLink> {
    const link = new KeeperLink(charge, memory, events);
    await link.#start();
    return link;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** A copy is the keeper's from now on, whatever happens to us: it is open on its way already. */
  give(listener: number, fd: number): void {
    this.#listeners.set(listener, fd);
    this.#send({ order: "listen", listener }, fd);
  }

  /** The listener's processes have ended. */
  forget(listener: number): void {
    this.#listeners.delete(listener);
    this.#send({ order: "ended", listener });
  }

  /** The keeper removes the session's containers. */
  endSession(): void {
    this.#sessionGone = true;
    this.#send({ order: "session gone" });
  }

  #send(order: KeeperOrder, fd?: number): void {
    // A keeper that is gone is replaced, and the next one gets everything again.
    if (!sendPacket(this.#socket, JSON.stringify(order), fd)) this.#child?.kill("SIGKILL");
  }

  async #start(): Promise<void> {
    const [ours, theirs] = socketPair();
    const program = join(import.meta.dirname, `keeper${extname(import.meta.filename)}`);
    const child = spawn(process.execPath, [program, JSON.stringify(this.#charge)], {
      cwd: "/",
      // A session of its own: what ends the injector's group or terminal leaves it alone.
      detached: true,
      stdio: ["ignore", "pipe", "ignore", theirs, this.#memory],
    });
    closeSync(theirs);
    this.#child = child;
    this.#socket = ours;
    for (const [listener, fd] of this.#listeners) this.#send({ order: "listen", listener }, fd);
    if (this.#sessionGone) this.#send({ order: "session gone" });
    await this.#ready(child);
    child.unref();
    child.once("exit", () => {
      closeSync(ours);
      this.#socket = -1;
      void this.#replace();
    });
  }

  #ready(child: ChildProcess): Promise<void> {
    return new Promise((resolve, reject) => {
      const give = (reason: string): void => {
        clearTimeout(timer);
        reject(
          new Problem(
            "NO_KEEPER",
            "faultbook",
            `the keeper did not start: ${reason}`,
            "Without it a killed session would leave containers behind.",
          ),
        );
      };
      const timer = setTimeout(() => {
        child.kill("SIGKILL");
        give(`not ready within ${START_MS / 1000} s`);
      }, START_MS);
      child.once("error", (error) => give(error.message));
      child.once("exit", (status, signal) => give(`it ended with ${signal ?? String(status)}`));
      child.stdout?.setEncoding("utf8").on("data", (lines: string) => {
        for (const line of lines.split("\n")) {
          if (line === KEEPER_SESSION_GONE) this.#events.sessionGone();
          if (line !== KEEPER_READY) continue;
          clearTimeout(timer);
          child.removeAllListeners("exit");
          resolve();
        }
      });
      // Else the pipe would keep an injector alive that has nothing left to do.
      if (child.stdout instanceof Socket) child.stdout.unref();
    });
  }

  async #replace(): Promise<void> {
    this.#restarts++;
    let failed = this.#restarts > RESTARTS_MAX;
    if (!failed) {
      try {
        await this.#start();
      } catch {
        failed = true;
      }
    }
    this.#events.replaced(failed);
  }
}
