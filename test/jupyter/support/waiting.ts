/** What tests wait for, always with an end to it; and which processes and ports there are. */
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";

export const WAIT_MS = 15_000;

/**
 * Ports that nobody listens on, outside of the range that systems take for outgoing connections (32768 and up on Linux), since
 * those could come between our look and the kernel's.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(15_000, 32_000);
    const server = createServer().listen(port, "127.0.0.1");
    const free = await Promise.race([once(server, "listening").then(() => true), once(server, "error").then(() => false)]);
    server.close();
    if (free) ports.add(port);
  }
  return [...ports];
}

export function alive(pid: number): boolean {
  try {
    // A process that has ended and waits for its parent to look is dead to everybody else.
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

export async function eventually<T>(what: string, find: () => T | undefined, limit_ms = WAIT_MS): Promise<T> {
  const deadline = performance.now() + limit_ms;
  for (;;) {
    const found = find();
    if (found !== undefined) return found;
    assert.ok(performance.now() < deadline, `waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export async function within<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), WAIT_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
