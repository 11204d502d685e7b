/**
 * The keeper: a small process that outlives whoever is killed. It holds a copy of every listener, and while the injector
 * lives it does nothing with them. When the injector dies, it answers what waits and lets every call pass until the last
 * process under a filter has ended; when the session dies, it removes the session's containers. It decides nothing.
 */
import { closeSync, readdirSync, readlinkSync, writeSync } from "node:fs";
import koffi from "koffi";
import { removeSession } from "./containers.ts";
import { InFlight } from "./in-flight.ts";
import type { Charge, KeeperOrder } from "./keeper-link.ts";
import { KEEPER_MEMORY, KEEPER_READY, KEEPER_SESSION_GONE, KEEPER_SOCKET } from "./keeper-link.ts";
import { receivePacket } from "./linux/descriptors.ts";
import { duplicateFrom, pidfdOpen } from "./linux/pidfd.ts";
import { POLLIN, waitFor } from "./linux/poll.ts";
import { putBackThread } from "./linux/ptrace.ts";
import { letPass, Notification, WORD } from "./linux/seccomp.ts";

/** An engine that is down is asked for this long. */
const PATIENCE_MS = 120_000;
const PUT_BACK_MS = 5000;

const charge = JSON.parse(process.argv[2] ?? "") as Charge;
const memory = new InFlight(KEEPER_MEMORY);
/** By the injector's number. */
const listeners = new Map<number, number>();
const serving = new Set<number>();
let injectorLives = true;
let sessionLives = true;
let removing = false;

// Whatever happens here, the calls of others must go on.
process.on("uncaughtException", () => undefined);
process.on("unhandledRejection", () => undefined);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);

function watch(fd: number, ready: () => void): () => void {
  const handle = koffi.node.poll(fd, { readable: true }, ready);
  return () => {
    handle.stop();
    handle.close();
  };
}

const endOrders = watch(KEEPER_SOCKET, takeOrders);

function takeOrders(): void {
  for (let packet = receivePacket(KEEPER_SOCKET); packet !== undefined; packet = receivePacket(KEEPER_SOCKET)) {
    if (packet === "gone") {
      endOrders();
      takeOver();
      return;
    }
    const order = JSON.parse(packet.text) as KeeperOrder;
    switch (order.order) {
      case "listen":
        if (packet.fd !== undefined) listeners.set(order.listener, packet.fd);
        break;
      case "ended":
        forget(order.listener);
        break;
      case "session gone":
        endSession();
        break;
    }
  }
}

function forget(listener: number): void {
  const fd = listeners.get(listener);
  if (fd !== undefined) closeSync(fd);
  listeners.delete(listener);
}

/** The injector is dead: nobody but us answers from now on. */
function takeOver(): void {
  injectorLives = false;
  finishAttaching();
  for (const { listener, idLow, idHigh } of memory.unanswered()) {
    const fd = listeners.get(listener);
    if (fd !== undefined) letPass(fd, idLow, idHigh);
  }
  for (const [listener, fd] of listeners) serve(listener, fd);
  endIfDone();
}

/**
 * The injector died while it attached to a process, which stands still since: its changed thread is put back as it was, and
 * the copy of the listener that only the process itself may have is taken. Then it goes on.
 */
function finishAttaching(): void {
  const { attaching, changed, stopped } = memory;
  try {
    if (changed !== undefined) putBackThread(changed.thread, changed.kept, PUT_BACK_MS);
  } catch {
    // The thread has ended.
  }
  if (attaching !== 0) adopt(attaching);
  try {
    if (stopped !== 0) process.kill(stopped, "SIGCONT");
  } catch {
    // The process has ended.
  }
}

function adopt(pid: number): void {
  try {
    for (const name of readdirSync(`/proc/${pid}/fd`)) {
      if (!/seccomp notify/.test(readlinkSync(`/proc/${pid}/fd/${name}`))) continue;
      listeners.set(-listeners.size - 1, duplicateFrom(pid, Number(name)));
    }
  } catch {
    // The process has ended, and its calls with it.
  }
}

function serve(listener: number, fd: number): void {
  if (serving.has(fd)) return;
  serving.add(fd);
  const notification = new Notification();
  const stop = watch(fd, () => {
    let state = waitFor(fd, 0);
    for (; (state & POLLIN) !== 0; state = waitFor(fd, 0)) {
      if (notification.receive(fd)) letPass(fd, notification.words[WORD.idLow] ?? 0, notification.words[WORD.idHigh] ?? 0);
    }
    if (state === 0) return;
    stop();
    serving.delete(fd);
    forget(listener);
    endIfDone();
  });
}

function endSession(): void {
  if (!sessionLives) return;
  sessionLives = false;
  removing = true;
  void removeSession(charge.docker, charge.label, PATIENCE_MS).finally(() => {
    removing = false;
    endIfDone();
  });
}

function endIfDone(): void {
  if (!injectorLives && !sessionLives && !removing && listeners.size === 0) process.exit(0);
}

function say(line: string): void {
  try {
    writeSync(1, `${line}\n`);
  } catch {
    // The injector is gone, which its socket tells.
  }
}

try {
  const owner = pidfdOpen(charge.owner);
  const endWatch = watch(owner, () => {
    endWatch();
    closeSync(owner);
    say(KEEPER_SESSION_GONE);
    endSession();
  });
} catch {
  say(KEEPER_SESSION_GONE);
  endSession();
}
say(KEEPER_READY);
