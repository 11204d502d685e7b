/**
 * Where the session program runs: `host.ts PROGRAM`, forked by the protocol process. It adds what the program should not have
 * to think of: compiled code is kept between starts, and a leash. A session cleans up and ends when its pipe closes, but one
 * whose thread is held (a cell's endless loop) never learns of it; the leash is a thread of its own that ends the process.
 */
import { pathToFileURL } from "node:url";
import { isMainThread, Worker, workerData } from "node:worker_threads";
import { keepCompiledCode } from "./compiled.ts";

/** A session has 10 s to remove what is its own after the kernel has gone; then its keeper does. */
const LEASH_MS = 12_000;
const LOOK_MS = 1000;
/** Starting a thread is not to slow the session's own start. */
const SLACK_MS = 1000;

const kernel: unknown = isMainThread ? process.ppid : workerData;
if (isMainThread) {
  const [program = ""] = process.argv.slice(2);
  keepCompiledCode();
  setTimeout(() => new Worker(import.meta.filename, { workerData: kernel, execArgv: [] }).unref(), SLACK_MS).unref();
  await import(pathToFileURL(program).href);
} else {
  const timer = setInterval(() => {
    if (process.ppid === kernel) return;
    clearInterval(timer);
    setTimeout(() => process.kill(process.pid, "SIGKILL"), LEASH_MS);
  }, LOOK_MS);
}
