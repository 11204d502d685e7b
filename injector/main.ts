/**
 * The injector: a program of its own, privileged, that makes faults true in processes that run already. It takes the orders
 * of `messages.ts` on standard input and answers on standard output, listens nowhere, and ends when its session has ended
 * and nothing is under a filter any more.
 */
import { createInterface } from "node:readline";
import { Injector } from "./injector.ts";
import type { Line } from "./messages.ts";
import { BadOrder, parseOrder } from "./orders.ts";

// A session that doesn't read any more has ended, which standard input tells.
process.stdout.on("error", () => undefined);
// What interrupts a session in its terminal must not take the injector along.
for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => undefined);

const write = (line: Line): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`);
};
const injector = new Injector(write);

/** Orders are carried out one after the other, in the order in which they came. */
let last: Promise<void> = Promise.resolve();
const input = createInterface({ input: process.stdin, terminal: false });
input.on("line", (line) => {
  if (line.trim() === "") return;
  last = last.then(() => carryOut(line));
});
// What was ordered before the end is answered; held calls needn't wait for that.
input.on("close", () => {
  injector.letEverythingPass();
  last = last.then(() => injector.end());
});

async function carryOut(line: string): Promise<void> {
  try {
    await injector.carryOut(parseOrder(line));
  } catch (error) {
    if (!(error instanceof BadOrder)) throw error;
    write({
      id: error.id,
      ok: false,
      code: "BAD_ORDER",
      message: error.message,
      hint: "Session and injector must be of the same version.",
    });
  }
}
