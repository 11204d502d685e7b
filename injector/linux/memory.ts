/** Another process's memory, through /proc/PID/mem: proc_pid_mem(5). Needs the right to trace it. */
import { closeSync, openSync, readSync, writeSync } from "node:fs";

/** Up to `length` bytes: fewer where a mapping ends. Throws Node's error (EIO, ENOENT, EACCES) when nothing can be read. */
export function readMemory(pid: number, address: bigint, length: number): Buffer {
  const fd = openSync(`/proc/${pid}/mem`, "r");
  try {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(fd, bytes, 0, length, address));
  } finally {
    closeSync(fd);
  }
}

/** `address` must lie below 2^53, as every user address of x86-64 and arm64 with 48 bits does. */
export function writeMemory(pid: number, address: bigint, bytes: Uint8Array): void {
  const fd = openSync(`/proc/${pid}/mem`, "r+");
  try {
    const written = writeSync(fd, bytes, 0, bytes.length, Number(address));
    if (written !== bytes.length) throw new Error(`only ${written} of ${bytes.length} bytes could be written to process ${pid}`);
  } finally {
    closeSync(fd);
  }
}
