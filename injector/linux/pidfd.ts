/**
 * Taking a copy of another process's descriptor, and looking at what it is. Needs the right to trace that process.
 * Source: pidfd_open(2), pidfd_getfd(2).
 */
import { closeSync } from "node:fs";
import koffi from "koffi";
import { ARCHITECTURE } from "./syscalls.ts";
import { libc, systemError } from "./system-error.ts";

const syscall: (number: number, a: number, b: number, c: number) => number | bigint = libc.func(
  "long syscall(long number, long a, long b, long c)",
);
const getsockopt: (fd: number, level: number, name: number, value: Int32Array, length: Int32Array) => number = libc.func(
  "int getsockopt(int fd, int level, int name, void *value, void *length)",
);

const SOL_SOCKET = 1;
const SO_TYPE = 3;
const SOCK_STREAM = 1;

/** A descriptor that becomes readable when the process ends. Throws SystemError: ESRCH when it is gone. */
export function pidfdOpen(pid: number): number {
  const fd = Number(syscall(ARCHITECTURE.numbers.pidfd_open, pid, 0, 0));
  if (fd < 0) throw systemError(koffi.errno(), `pidfd_open of process ${pid}`);
  return fd;
}

/** The same open file, in our own descriptor table. Throws SystemError: ESRCH, EBADF, EPERM. */
export function duplicateFrom(pid: number, fd: number): number {
  const pidfd = pidfdOpen(pid);
  try {
    const copy = Number(syscall(ARCHITECTURE.numbers.pidfd_getfd, pidfd, fd, 0));
    if (copy < 0) throw systemError(koffi.errno(), `pidfd_getfd of descriptor ${fd} of process ${pid}`);
    return copy;
  } finally {
    closeSync(pidfd);
  }
}

/** Whether a process's descriptor is a stream socket. Throws SystemError when it can't be looked at. */
export function isStreamSocket(pid: number, fd: number): boolean {
  const copy = duplicateFrom(pid, fd);
  try {
    const value = new Int32Array(1);
    if (getsockopt(copy, SOL_SOCKET, SO_TYPE, value, Int32Array.of(4)) !== 0) return false;
    return value[0] === SOCK_STREAM;
  } finally {
    closeSync(copy);
  }
}
