/**
 * Acting in another process's network namespace. Only the calling thread changes it, and it is back before anything else
 * can run: what is done there is synchronous. Source: setns(2), network_namespaces(7).
 */
import { closeSync, openSync, readlinkSync, writeSync } from "node:fs";
import koffi from "koffi";
import { libc, systemError } from "./system-error.ts";

const CLONE_NEWNET = 0x40000000;
const setns: (fd: number, type: number) => number = libc.func("int setns(int fd, int type)");

/**
 * What `act` gives, run in the network namespace of a process; `act` must not return a promise. Throws SystemError when the
 * process is gone (ENOENT), or its namespace may not be entered (EPERM). A thread that can't come back would do everything
 * else in a foreign network: then this process ends at once.
 */
export function inNetworkOf<T>(pid: number, act: () => T): T {
  const own = openNamespace("/proc/thread-self/ns/net");
  try {
    const other = openNamespace(`/proc/${pid}/ns/net`);
    try {
      if (readlinkSync(`/proc/self/fd/${other}`) === readlinkSync(`/proc/self/fd/${own}`)) return act();
      if (setns(other, CLONE_NEWNET) !== 0) throw systemError(koffi.errno(), `setns to the network of process ${pid}`);
    } finally {
      closeSync(other);
    }
    try {
      return act();
    } finally {
      if (setns(own, CLONE_NEWNET) !== 0) {
        writeSync(2, `injector: can't come back from the network of process ${pid} (errno ${koffi.errno()}), ending\n`);
        process.kill(process.pid, "SIGKILL");
      }
    }
  } finally {
    closeSync(own);
  }
}

function openNamespace(path: string): number {
  try {
    return openSync(path, "r");
  } catch (error) {
    if (error instanceof Error && "errno" in error && typeof error.errno === "number") throw systemError(-error.errno, `open ${path}`);
    throw error;
  }
}
