/**
 * One set-up at a time for a user on a machine. The lock is an abstract Unix socket, which the kernel frees however its
 * holder ends: there is no stale lock to recognise. Source: unix(7), "Abstract sockets".
 */
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { CACHE } from "../place.ts";
import type { Step } from "./progress.ts";

/** Runs `work` while nobody else of the same cache directory does. */
export async function alone<Result>(step: Step, signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
  const release = await acquire(`\0faultbook set-up ${CACHE}`, step, signal);
  try {
    return await work();
  } finally {
    release();
  }
}

async function acquire(name: string, step: Step, signal: AbortSignal): Promise<() => void> {
  for (;;) {
    const server = createServer();
    const taken = await new Promise<boolean>((resolve, reject) => {
      server.once("error", (error: NodeJS.ErrnoException) => (error.code === "EADDRINUSE" ? resolve(true) : reject(error)));
      server.listen({ path: name }, () => resolve(false));
    });
    if (!taken) {
      step.done("the other one is done");
      return () => void server.close();
    }
    step.doing("waiting for another set-up that runs");
    await sleep(200, undefined, { signal });
  }
}
