/**
 * The thread that serves listeners: waits for calls, orders and times to come in one poll(2), and hands each call to
 * `notify-decide.ts`. It has no event loop while it serves, so its orders come through a port that an event descriptor
 * announces. If it fails the injector ends, and the keeper takes over.
 */
import { closeSync, readSync } from "node:fs";
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { InFlight } from "../in-flight.ts";
import { poll, POLLERR, POLLHUP, POLLIN, POLLNVAL } from "../linux/poll.ts";
import type { Listener } from "./notify-decide.ts";
import { Decider } from "./notify-decide.ts";
import type { WorkerData, WorkerOrder, WorkerReport } from "./notify-messages.ts";

const WAIT_MAX_MS = 60_000;
const GONE = POLLHUP | POLLERR | POLLNVAL;

const port = parentPort ?? fail();
const { memory, wake } = workerData as WorkerData;
const report = (message: WorkerReport): void => port.postMessage(message);
const decider = new Decider(new InFlight(memory), report);

const listeners: Listener[] = [];
/** struct pollfd: the event descriptor, then the listeners in their order. */
let waited = Int32Array.of(wake, POLLIN);
const counter = Buffer.alloc(8);
let serving = true;

function watchAll(): void {
  waited = new Int32Array(2 * (1 + listeners.length));
  [wake, ...listeners.map((listener) => listener.fd)].forEach((fd, i) => waited.set([fd, POLLIN], 2 * i));
}

function take(order: WorkerOrder): void {
  switch (order.order) {
    case "serve":
      listeners.push({ listener: order.listener, fd: order.fd, service: order.service });
      watchAll();
      break;
    case "arm":
      decider.arm(order.rule, order.callers);
      report({ report: "answer", answer: order.answer });
      break;
    case "disarm":
      report({ report: "answer", answer: order.answer, counts: decider.disarm(order.rule) });
      break;
    case "stop":
      serving = false;
      break;
  }
}

function takeOrders(): void {
  readSync(wake, counter);
  for (let received = receiveMessageOnPort(port); received !== undefined; received = receiveMessageOnPort(port)) {
    const { message }: { message: WorkerOrder } = received;
    take(message);
  }
}

function fail(): never {
  throw new Error("notify-worker.ts runs as a worker thread only");
}

function waitTime_ms(): number {
  const left_ms = decider.next_ms - performance.now();
  return left_ms > WAIT_MAX_MS ? WAIT_MAX_MS : Math.max(0, Math.ceil(left_ms));
}

while (serving) {
  if (poll(waited, waited.length / 2, waitTime_ms()) > 0) {
    const current = waited;
    let ended = false;
    for (let i = listeners.length; i > 0; i--) {
      const came = (current[2 * i + 1] ?? 0) >>> 16;
      if (came === 0) continue;
      const listener = listeners[i - 1];
      if (listener === undefined) continue;
      if ((came & POLLIN) !== 0) decider.serve(listener);
      else if ((came & GONE) !== 0) {
        listeners.splice(i - 1, 1);
        closeSync(listener.fd);
        report({ report: "ended", listener: listener.listener });
        ended = true;
      }
    }
    if (ended) watchAll();
    if ((current[1] ?? 0) >>> 16 !== 0) takeOrders();
  }
  if (decider.next_ms <= performance.now()) decider.expire();
}
