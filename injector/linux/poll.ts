/**
 * Waiting for several descriptors with a time-out, in a thread that has no event loop, and waking such a thread.
 * Source: poll(2), eventfd(2).
 */
import koffi from "koffi";

import { addressOf } from "./address.ts";
import { libc, systemError } from "./system-error.ts";

const poll: (set: number, count: number, timeout_ms: number) => number = libc.func("poll", "int", ["uint64", "ulong", "int"]);

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

/** Descriptors that are waited for together, to be read from. */
export class PollSet {
  /** struct pollfd: a descriptor, then what is asked for in the low half of a word and what came in the high half. */
  readonly #set: Int32Array<ArrayBuffer>;
  readonly #address: number;
  readonly #count: number;

  constructor(fds: readonly number[]) {
    this.#count = fds.length;
    this.#set = new Int32Array(new ArrayBuffer(fds.length * 8));
    this.#address = addressOf(this.#set);
    fds.forEach((fd, i) => this.#set.set([fd, POLLIN], 2 * i));
  }

  /** How many are ready; 0 when the time is over, negative when a signal came. */
  wait(timeout_ms: number): number {
    return poll(this.#address, this.#count, timeout_ms);
  }

  /** What has come for the one at this position: POLL… bits. */
  came(position: number): number {
    return (this.#set[2 * position + 1] ?? 0) >>> 16;
  }
}

/** What has come for one descriptor within a time: POLL… bits, 0 for nothing. */
export function waitFor(fd: number, timeout_ms: number): number {
  const set = new PollSet([fd]);
  return set.wait(timeout_ms) > 0 ? set.came(0) : 0;
}
