/**
 * Whether seccomp notification can be used here, found out by putting a listener into a child of our own and receiving one
 * of its calls.
 */
import { spawn } from "node:child_process";
import { closeSync } from "node:fs";
import { release } from "node:os";
import { IN_FLIGHT_BYTES, InFlight } from "../in-flight.ts";
import { waitFor } from "../linux/poll.ts";
import { FLAG, kernelKnows, letPass, Notification, wakeUpSynchronously, WORD } from "../linux/seccomp.ts";
import { createSharedMemory } from "../linux/shared-memory.ts";
import type { Availability } from "../messages.ts";
import { Attacher } from "./notify-attach.ts";

const RECEIVE_MS = 5000;

export function probeNotify(): Availability {
  const no = (detail: string): Availability => ({ mechanism: "notify", available: false, detail });
  if (process.platform !== "linux") return no(`needs Linux, this is ${process.platform}`);
  if (process.arch !== "x64") return no(`attaching to running processes is written for x86-64 only, this is ${process.arch}`);
  if (!kernelKnows(FLAG.NEW_LISTENER | FLAG.TSYNC | FLAG.TSYNC_ESRCH))
    return no(`Linux ${release()} has no seccomp notification for all threads`);
  const child = spawn(process.execPath, ["-e", "process.stdin.pipe(process.stdout)"], { stdio: ["pipe", "ignore", "ignore"] });
  if (child.pid === undefined) return no("no process could be started to try it with");
  child.stdin.on("error", () => undefined);
  child.stdin.write("x");
  const memory = createSharedMemory(IN_FLIGHT_BYTES);
  const listeners: number[] = [];
  try {
    const attacher = new Attacher(
      new InFlight(memory),
      (fd) => listeners.push(fd),
      () => false,
      new Set(),
    );
    attacher.attach({ service: "a child of ours", pid: child.pid, addresses: [] });
    const [listener = -1] = listeners;
    const notification = new Notification();
    if (waitFor(listener, RECEIVE_MS) === 0 || !notification.receive(listener)) {
      return no("a filter was installed, but no call arrived");
    }
    letPass(listener, notification.words[WORD.idLow] ?? 0, notification.words[WORD.idHigh] ?? 0);
    const detail = [
      `seccomp notification on Linux ${release()}`,
      kernelKnows(FLAG.NEW_LISTENER | FLAG.WAIT_KILLABLE_RECV) ? "WAIT_KILLABLE_RECV" : "signals repeat held calls (before Linux 5.19)",
      ...(wakeUpSynchronously(listener) ? ["SYNC_WAKE_UP"] : []),
    ];
    return { mechanism: "notify", available: true, detail: detail.join(", ") };
  } catch (error) {
    return no(error instanceof Error ? error.message : String(error));
  } finally {
    child.kill("SIGKILL");
    for (const fd of [...listeners, memory]) closeSync(fd);
  }
}
