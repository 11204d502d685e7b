/**
 * The thread that serves listeners: waits for calls, orders and times to come in one poll(2), and hands each call to
 * `notify-decide.ts`. It has no event loop while it serves, so its orders come through a port that an event descriptor
 * announces. If it fails the injector ends, and the keeper takes over.
 */
import { closeSync, readSync } from "node:fs";
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { InFlight } from "../in-flight.ts";
import { POLLERR, POLLHUP, POLLIN, POLLNVAL, PollSet } from "../linux/poll.ts";
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
/** The event descriptor, then the listeners in their order. */
let waited = new PollSet([wake]);
const counter = Buffer.alloc(8);
let serving = true;

function watchAll(): void {
  waited = new PollSet([wake, ...listeners.map((listener) => listener.fd)]);
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
  for (;;) {
    const received = receiveMessageOnPort(port) as { readonly message: WorkerOrder } | undefined;
    if (received === undefined) return;
    take(received.message);
  }
}

function fail(): never {
  throw new Error("notify-worker.ts runs as a worker thread only");
}

function waitTime_ms(): number {
  if (decider.next_ms === Infinity) return WAIT_MAX_MS;
  const left_ms = decider.next_ms - performance.now();
  return left_ms > WAIT_MAX_MS ? WAIT_MAX_MS : Math.max(0, Math.ceil(left_ms));
}

while (serving) {
  if (waited.wait(waitTime_ms()) > 0) {
    const set = waited;
    let ended = false;
    for (let i = listeners.length; i > 0; i--) {
      const came = set.came(i);
      const listener = listeners[i - 1];
      if (came === 0 || listener === undefined) continue;
      if ((came & POLLIN) !== 0) decider.serve(listener);
      else if ((came & GONE) !== 0) {
        listeners.splice(i - 1, 1);
        closeSync(listener.fd);
        report({ report: "ended", listener: listener.listener });
        ended = true;
      }
    }
    if (ended) watchAll();
    if (set.came(0) !== 0) takeOrders();
  }
  if (decider.next_ms !== Infinity && decider.next_ms <= performance.now()) decider.expire();
}
