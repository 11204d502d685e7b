/** A system call of ours that failed, with the name of its error number: what a reason shown to a user is made of. */
import { constants } from "node:os";
import koffi from "koffi";

export const libc = koffi.load("libc.so.6");

const NAMES = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name]));
// Two names have the number 95 on Linux; the one that the kernel's sources use is shown.
NAMES.set(constants.errno.EOPNOTSUPP, "EOPNOTSUPP");

export class SystemError extends Error {
  override readonly name = "SystemError";
  /** "EPERM"; "errno 524" where the number has no name in user space. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** `errno` is positive; `what` was tried: "setns to the network of process 4711". */
export function systemError(errno: number, what: string, detail = ""): SystemError {
  const code = NAMES.get(errno) ?? `errno ${errno}`;
  return new SystemError(code, `${what}: ${code}${detail === "" ? "" : `\n${detail}`}`);
}
