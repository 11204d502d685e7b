/**
 * Tells when the program that started the kernel has gone. A server that crashed or was killed says no goodbye, and a kernel
 * that outlives it keeps containers and faults that nobody sees.
 */

const LOOK_MS = 1000;

/** Calls `gone` once: when we have got another parent, or when the process that `JPY_PARENT_PID` names no longer lives. */
export function watchParent(gone: () => void): void {
  const parent = process.ppid;
  // A launcher between us and the server; in a container its number may mean nothing, so only when it lives now.
  const server = Number(process.env["JPY_PARENT_PID"]);
  const watchServer = Number.isInteger(server) && server > 1 && lives(server);
  const timer = setInterval(() => {
    if (process.ppid === parent && (!watchServer || lives(server))) return;
    clearInterval(timer);
    gone();
  }, LOOK_MS);
  timer.unref();
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives and is somebody else's.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
