/**
 * Seccomp user notification: the filter that makes calls wait for a listener, and a listener's three orders. What is
 * answered is not decided here. Source: seccomp(2), seccomp_unotify(2), include/uapi/linux/seccomp.h.
 */
import koffi from "koffi";
import type { Architecture } from "./syscalls.ts";
import { ARCHITECTURE } from "./syscalls.ts";
import { addressOf } from "./address.ts";
import { libc } from "./system-error.ts";

export const SECCOMP_SET_MODE_FILTER = 1;
export const FLAG = {
  /** All threads get the filter. */
  TSYNC: 1,
  NEW_LISTENER: 8,
  /** A thread that can't get it is told by ESRCH, since the result is the listener's descriptor. */
  TSYNC_ESRCH: 16,
  /** A call that was received waits for its answer whatever signal comes, except a fatal one. Linux 5.19. */
  WAIT_KILLABLE_RECV: 32,
} as const;

const RET_USER_NOTIF = 0x7fc00000;
const RET_ALLOW = 0x7fff0000;
const LOAD_WORD = 0x20;
const JUMP_IF_EQUAL = 0x15;
const RETURN = 0x06;
/** Offsets in struct seccomp_data. */
const DATA_NUMBER = 0;
const DATA_ARCHITECTURE = 4;

/** Classic BPF: these calls of the native architecture wait for the listener, all others pass. At most 250 calls. */
export function notifyFilter(numbers: readonly number[], architecture: Architecture): Buffer {
  const instructions: [code: number, yes: number, no: number, k: number][] = [
    [LOAD_WORD, 0, 0, DATA_ARCHITECTURE],
    [JUMP_IF_EQUAL, 0, numbers.length + 1, architecture.audit],
    [LOAD_WORD, 0, 0, DATA_NUMBER],
    ...numbers.map((number, i): [number, number, number, number] => [JUMP_IF_EQUAL, numbers.length - i, 0, number]),
    [RETURN, 0, 0, RET_ALLOW],
    [RETURN, 0, 0, RET_USER_NOTIF],
  ];
  const program = Buffer.alloc(instructions.length * 8);
  instructions.forEach(([code, yes, no, k], i) => {
    program.writeUInt16LE(code, i * 8);
    program.writeUInt8(yes, i * 8 + 2);
    program.writeUInt8(no, i * 8 + 3);
    program.writeUInt32LE(k, i * 8 + 4);
  });
  return program;
}

/** struct sock_fprog and the program behind it, as they shall lie at an address of another process. */
export function filterAt(address: bigint, program: Buffer): Buffer {
  const header = Buffer.alloc(16);
  header.writeUInt16LE(program.length / 8, 0);
  header.writeBigUInt64LE(address + 16n, 8);
  return Buffer.concat([header, program]);
}

// Addresses as numbers: on the way of every intercepted call, looking up a typed array's costs a twentieth of the time.
const ioctl: (fd: number, request: number, address: number) => number = libc.func("ioctl", "int", ["int", "ulong", "uint64"]);
const NOTIF_RECV = 0xc0502100;
const NOTIF_SEND = 0xc0182101;
const NOTIF_ID_VALID = 0x40082102;
const NOTIF_SET_FLAGS = 0x40082104;
const SYNC_WAKE_UP = 1;

const NOTIFICATION_WORDS = 20;
/** Where struct seccomp_notif has what, in 32-bit words; an id and each of the six arguments has two. */
export const WORD = { idLow: 0, idHigh: 1, thread: 2, number: 4, arguments: 8 } as const;

/** One struct seccomp_notif. */
export class Notification {
  static readonly bytes = NOTIFICATION_WORDS * 4;
  readonly words: Uint32Array<ArrayBuffer>;
  readonly #address: number;

  constructor(memory = new ArrayBuffer(Notification.bytes), offset = 0) {
    this.words = new Uint32Array(memory, offset, NOTIFICATION_WORDS);
    this.#address = addressOf(this.words);
  }

  /** Waits until a call comes: ask `poll` before. False when the call is gone again. */
  receive(listener: number): boolean {
    this.words.fill(0); // the kernel rejects a dirty structure
    return ioctl(listener, NOTIF_RECV, this.#address) === 0;
  }
}

const response = new Uint32Array(new ArrayBuffer(24));
const responseAddress = addressOf(response);

/** Lets the call be made. False when it is gone: its thread was killed, or a signal took it out of the wait. */
export function letPass(listener: number, idLow: number, idHigh: number): boolean {
  response[0] = idLow;
  response[1] = idHigh;
  response[4] = 0;
  response[5] = 1; // SECCOMP_USER_NOTIF_FLAG_CONTINUE
  return ioctl(listener, NOTIF_SEND, responseAddress) === 0;
}

/** Fails the call with an errno, given positive. False when it is gone. */
export function fail(listener: number, idLow: number, idHigh: number, errno: number): boolean {
  response[0] = idLow;
  response[1] = idHigh;
  response[4] = -errno;
  response[5] = 0;
  return ioctl(listener, NOTIF_SEND, responseAddress) === 0;
}

/** Whether the call still waits, so that what was read from its process was that process's. */
export function isWaiting(listener: number, idLow: number, idHigh: number): boolean {
  response[0] = idLow;
  response[1] = idHigh;
  return ioctl(listener, NOTIF_ID_VALID, responseAddress) === 0;
}

/** Caller and listener hand the processor to each other: halves the time of a call. False before Linux 6.6. */
export function wakeUpSynchronously(listener: number): boolean {
  return ioctl(listener, NOTIF_SET_FLAGS, SYNC_WAKE_UP) === 0;
}

const syscall: (number: number, operation: number, flags: number, argument: null) => number | bigint = libc.func(
  "long syscall(long number, long operation, long flags, void *argument)",
);
const EFAULT = 14;

/** Whether the kernel knows these flags. Nothing is installed: without a program the call can only fail, with EFAULT if so. */
export function kernelKnows(flags: number): boolean {
  return Number(syscall(ARCHITECTURE.numbers.seccomp, SECCOMP_SET_MODE_FILTER, flags, null)) < 0 && koffi.errno() === EFAULT;
}
