/**
 * Follows a service's output for as long as the session looks, through restarts and replacements of its container: every line
 * once, in the engine's order. One reader at a time; a new one takes up exactly where the last was left (position.ts).
 */
import type Dockerode from "dockerode";
import { Problem } from "../../model/problem.ts";
import type { Line, LogFollower } from "./engine.ts";
import { statusOf } from "./failures.ts";
import { pause, REQUEST_MS, within } from "./limit.ts";
import { LineJoiner, readLogs } from "./logs.ts";
import { Position } from "./position.ts";

/** The engine tells a follower of new lines within milliseconds; one that is silent for this long is opened again. */
const SILENT_MS = 1000;
const CAUGHT_UP_MS = 15_000;
/** Somebody else may restart a container; our own restarts wake the follower at once. */
const POLL_MS = 500;

export class Follower implements LogFollower {
  readonly #docker: Dockerode;
  readonly #container: string;
  readonly #onLine: (line: Line) => void;
  readonly #closed = new AbortController();
  /** Who waits for the count to reach what. */
  readonly #waiting = new Map<() => void, number>();
  #joiner = new LineJoiner();
  readonly #position = new Position();
  /** The container that is read. Another one under the name writes later than this one did, so the position holds for both. */
  #id = "";
  /** Messages handed on. */
  #count = 0;
  #lastTime = "";
  #reader = new AbortController();
  #wake: (() => void) | undefined;

  constructor(docker: Dockerode, container: string, onLine: (line: Line) => void) {
    this.#docker = docker;
    this.#container = container;
    this.#onLine = onLine;
  }

  /** Reads until closed; the promise ends with it and rejects only for an error in `onLine`. */
  async run(): Promise<void> {
    let failures = 0;
    while (!this.#over()) {
      try {
        const state = await this.#state();
        if (state === "absent") {
          await this.#sleep(POLL_MS);
          continue;
        }
        const before = this.#count;
        await this.#read(state === "running");
        if (state === "running" && !this.#interrupted()) {
          // Its end is the container's end. Engines have ended a followed log before its last lines, so it is read once more.
          await this.#read(false);
          this.#flush();
          if (this.#count === before) await this.#sleep(50);
        } else if (state === "stopped") {
          this.#flush();
          await this.#sleep(POLL_MS);
        }
        failures = 0;
      } catch (error) {
        if (this.#over()) return;
        if (error instanceof ConsumerError) throw error.cause;
        // A daemon that restarts, a stream that broke: the lines are still there, so try again.
        await this.#sleep(Math.min(POLL_MS * 4, 20 * 2 ** failures++));
      }
    }
  }

  /** Looks again at once: the container was started. */
  wake(): void {
    this.#wake?.();
  }

  async caughtUp(signal: AbortSignal): Promise<void> {
    if (this.#over()) return;
    const position = this.#position.copy();
    const before = this.#count;
    const id = this.#id;
    const beyond = position.beyond();
    let missing = 0;
    await within(CAUGHT_UP_MS, signal, "reading a service's output", async (stop) => {
      try {
        for await (const message of readLogs(this.#docker, this.#container, range(position.since, false), stop))
          if (beyond(message)) missing++;
      } catch (error) {
        if (statusOf(error) !== 404) throw error;
      }
    });
    const reached = (): boolean => this.#count >= before + missing || this.#over() || (id !== "" && this.#id !== id);
    const end_ms = Date.now() + CAUGHT_UP_MS;
    while (!reached()) {
      if (Date.now() > end_ms) {
        throw new Problem(
          "OUTPUT_BEHIND",
          "system",
          `the output of ${this.#container} could not be read up to its end within ${CAUGHT_UP_MS / 1000} s`,
          "It may write faster than it can be read, or the engine's log is stuck: docker logs --tail 1 shows which.",
        );
      }
      const count = this.#count;
      await this.#reaches(before + missing, signal);
      if (this.#count === count && !reached()) this.#again();
    }
  }

  close(): void {
    this.#closed.abort();
    this.#reader.abort();
    this.#wake?.();
    for (const reached of this.#waiting.keys()) reached();
  }

  async #state(): Promise<"running" | "stopped" | "absent"> {
    try {
      const found = await within(REQUEST_MS, this.#closed.signal, "looking at a container", () =>
        this.#docker.getContainer(this.#container).inspect(),
      );
      if (found.Id !== this.#id) {
        this.#flush();
        this.#id = found.Id;
      }
      return found.State.Running ? "running" : "stopped";
    } catch (error) {
      if (statusOf(error) === 404) return "absent";
      throw error;
    }
  }

  #over(): boolean {
    return this.#closed.signal.aborted;
  }

  /** Whether the last reader was stopped by us, so that its end says nothing about the container. */
  #interrupted(): boolean {
    return this.#reader.signal.aborted;
  }

  async #read(follow: boolean): Promise<void> {
    this.#reader = new AbortController();
    if (this.#over()) return;
    const stop = this.#reader.signal;
    const isNew = this.#position.beyond();
    try {
      for await (const message of readLogs(this.#docker, this.#id, range(this.#position.since, follow), stop)) {
        if (stop.aborted) return;
        if (!isNew(message)) continue;
        this.#lastTime = message.time;
        const line = this.#joiner.push(message);
        this.#count++;
        if (line !== undefined) this.#hand(line);
        for (const [reached, count] of this.#waiting) if (this.#count >= count) reached();
      }
    } catch (error) {
      if (stop.aborted) return;
      if (statusOf(error) !== 404) throw error;
    }
  }

  #hand(line: Line): void {
    try {
      this.#onLine(line);
    } catch (error) {
      throw new ConsumerError(error);
    }
  }

  #flush(): void {
    for (const line of this.#joiner.flush(this.#lastTime)) this.#hand(line);
    this.#joiner = new LineJoiner();
  }

  /** Opens the log again where it is. */
  #again(): void {
    this.#reader.abort();
    this.#wake?.();
  }

  /** Resolves when so many messages have been handed on, or after a while. */
  async #reaches(count: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const wait = new AbortController();
    const abort = (): void => wait.abort();
    this.#waiting.set(abort, count);
    signal.addEventListener("abort", abort, { once: true });
    try {
      await pause(SILENT_MS, wait.signal).catch(() => undefined);
      signal.throwIfAborted();
    } finally {
      this.#waiting.delete(abort);
      signal.removeEventListener("abort", abort);
    }
  }

  async #sleep(ms: number): Promise<void> {
    const awake = new AbortController();
    this.#wake = (): void => awake.abort();
    if (!this.#over()) await pause(ms, awake.signal).catch(() => undefined);
    this.#wake = undefined;
  }
}

function range(since: string | undefined, follow: boolean): { follow: boolean; since?: string } {
  return since === undefined ? { follow } : { follow, since };
}

/** Sets an error of the one who takes the lines apart from those of the engine. */
class ConsumerError extends Error {
  constructor(cause: unknown) {
    super("a line's consumer failed", { cause });
  }
}
