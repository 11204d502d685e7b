/**
 * Waiting for several descriptors with a time-out, in a thread that has no event loop, and waking such a thread.
 * Source: poll(2), eventfd(2).
 */
import koffi from "koffi";
import { libc, systemError } from "./system-error.ts";

/** `set` holds struct pollfd: a descriptor, then events in the low half and what came in the high half of a word. */
export const poll: (set: Int32Array, count: number, timeout_ms: number) => number = libc.func(
  "int poll(void *set, unsigned long count, int timeout)",
);

export const POLLIN = 0x001;
export const POLLERR = 0x008;
export const POLLHUP = 0x010;
export const POLLNVAL = 0x020;

const eventfd: (initial: number, flags: number) => number = libc.func("int eventfd(unsigned int initial, int flags)");
const EFD_CLOEXEC = 0x80000;
const EFD_NONBLOCK = 0x800;

/** A counter that is readable when it isn't 0: write 8 bytes to add, read 8 bytes to clear. */
export function createEvent(): number {
  const fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd < 0) throw systemError(koffi.errno(), "eventfd");
  return fd;
}

/** What has come for one descriptor, without waiting. */
export function readiness(fd: number): number {
  const set = Int32Array.of(fd, POLLIN);
  return poll(set, 1, 0) > 0 ? (set[1] ?? 0) >>> 16 : 0;
}
