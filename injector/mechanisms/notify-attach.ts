/**
 * Puts the filter into every process of a service that runs already, all of their threads, and collects the listeners. The
 * filter covers all calls that any rule may be about, once for the life of a process: a filter can't be taken back, and two
 * with listeners can't stand in one process. What a process starts later inherits it.
 */
import { readFileSync } from "node:fs";
import { callsOf, KEYWORDS } from "../../model/families.ts";
import { Problem } from "../../model/problem.ts";
import type { InFlight } from "../in-flight.ts";
import { duplicateFrom } from "../linux/pidfd.ts";
import type { ProcessStatus } from "../linux/processes.ts";
import { likelyMembersOf, membersOf, statusOf, threadsOf, threadState } from "../linux/processes.ts";
import type { Journal } from "../linux/ptrace.ts";
import { StoppedThread, TraceError } from "../linux/ptrace.ts";
import { FLAG, filterAt, kernelKnows, notifyFilter, SECCOMP_SET_MODE_FILTER, wakeUpSynchronously } from "../linux/seccomp.ts";
import { ARCHITECTURE, isSyscallName } from "../linux/syscalls.ts";
import { SystemError } from "../linux/system-error.ts";
import { writeMemory } from "../linux/memory.ts";
import type { Target } from "../messages.ts";

/** Not only a disk keeps a thread from stopping: on a busy machine it may wait for a processor. */
const STOP_MS = 5000;
const ROUNDS_MAX = 50;
const PR_SET_NO_NEW_PRIVS = 38;
const MAP_BYTES = 4096;
const PROT_READ_WRITE = 3;
const MAP_PRIVATE_ANONYMOUS = 0x22;
const ERRNO = { ESRCH: 3, EACCES: 13, EBUSY: 16, EINVAL: 22, ENOSYS: 38 } as const;

/** A new listener, for the keeper and the serving thread to have before its process goes on. */
export type Installed = (fd: number, target: Target) => void;

interface Covered {
  readonly started: number;
  /** Filters in force in the process after ours; -1 where unknown. */
  readonly filters: number;
  /** When the filter was put in, in ticks since boot as `started`; what the process starts later has it too. */
  readonly since: number;
}

export class Attacher {
  readonly #memory: InFlight;
  readonly #installed: Installed;
  /** Whether a listener that answers is ours and of this service. */
  readonly #isServed: (listener: number, service: string) => boolean;
  readonly #covered = new Map<number, Covered>();
  readonly #ours: ReadonlySet<number>;
  #program: Buffer | undefined;

  /** `ours` are processes that are never attached to: the injector and whom it depends on. */
  constructor(memory: InFlight, installed: Installed, isServed: (listener: number, service: string) => boolean, ours: ReadonlySet<number>) {
    this.#memory = memory;
    this.#installed = installed;
    this.#isServed = isServed;
    this.#ours = ours;
  }

  /** Covers all processes of a target; gives how many they are. Throws Problem; what was covered by then stays so, and its calls pass. */
  attach(target: Target): number {
    const first = statusOf(target.pid);
    if (first?.hasMemory !== true) throw gone(target);
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const members = (round === 0 ? likelyMembersOf : membersOf)(target.pid).flatMap((pid) => this.#living(pid) ?? []);
      const missing = members.filter((status) => !this.#isCovered(status));
      for (const status of missing) this.#cover(status, target);
      // A process that forked while it was being attached to shows in the next round; the last one has looked everywhere.
      if (missing.length === 0 && round > 0 && members.length > 0) return members.length;
      if (statusOf(target.pid)?.started !== first.started) throw gone(target);
    }
    throw new Problem(
      "PROCESSES_UNSTABLE",
      "system",
      `${target.service} starts processes faster than they can be attached to (${ROUNDS_MAX} rounds)`,
      "Arm the fault when the service has come to rest, or restart the service and arm before it is under load.",
    );
  }

  #living(pid: number): ProcessStatus | undefined {
    const status = this.#ours.has(pid) ? undefined : statusOf(pid);
    return status?.hasMemory === true ? status : undefined;
  }

  /** A process that has the filter: we put it in, or it descends from such a process by way of a later fork. */
  #isCovered(status: ProcessStatus): boolean {
    const known = this.#covered.get(status.pid);
    if (known !== undefined && known.started === status.started) return true;
    const parent = this.#covered.get(status.parent);
    if (parent === undefined || parent.filters < 0 || statusOf(status.parent)?.started !== parent.started) return false;
    if (status.started <= parent.since || status.filters < parent.filters) return false;
    this.#covered.set(status.pid, { started: status.started, filters: status.filters, since: status.started });
    return true;
  }

  #cover(status: ProcessStatus, target: Target): void {
    try {
      if (this.#install(status, target)) {
        const after = statusOf(status.pid);
        if (after === undefined || after.started !== status.started) return;
        this.#covered.set(status.pid, { started: status.started, filters: after.filters, since: ticksNow() });
      }
    } catch (error) {
      if (error instanceof TraceError && error.failure === "gone") return; // the next round tells what is left of it
      throw problemOf(error, status.pid, target);
    }
  }

  /** True when the process is under our filter now. Throws TraceError, SystemError, Problem. */
  #install(status: ProcessStatus, target: Target): boolean {
    const memory = this.#memory;
    memory.attaching = status.pid;
    // Whoever stopped it before us wants it stopped.
    if (status.state !== "T") memory.stopped = status.pid;
    let stopped: StoppedThread | undefined;
    try {
      stopped = stopAnyThread(status, memory);
      const { numbers } = ARCHITECTURE;
      const page = stopped.call(numbers.mmap, [0, MAP_BYTES, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0]);
      if (page < 0) throw refused(target, status.pid, "map a page of memory for the filter", -page);
      try {
        if (!status.noNewPrivileges && !status.administrator) {
          const result = stopped.call(numbers.prctl, [PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0]);
          if (result < 0) throw refused(target, status.pid, "set no_new_privs", -result);
        }
        writeMemory(status.pid, BigInt(page), filterAt(BigInt(page), this.#filter()));
        const result = stopped.call(numbers.seccomp, [SECCOMP_SET_MODE_FILTER, listenerFlags(), page]);
        if (result === -ERRNO.EBUSY) return this.#isOurs(stopped, target, status.pid);
        if (result < 0) throw refused(target, status.pid, "install a filter", -result);
        try {
          const fd = duplicateFrom(status.pid, result);
          wakeUpSynchronously(fd);
          this.#installed(fd, target);
        } finally {
          stopped.call(numbers.close, [result]);
        }
        return true;
      } finally {
        stopped.call(numbers.munmap, [page, MAP_BYTES]);
      }
    } finally {
      stopped?.release();
      if (memory.stopped !== 0) resume(memory.stopped);
      memory.stopped = 0;
      memory.attaching = 0;
    }
  }

  /** The process has a listener already: it makes a call that any filter of ours covers, and we see who answers. */
  #isOurs(stopped: StoppedThread, target: Target, pid: number): boolean {
    this.#memory.ask(stopped.thread);
    try {
      stopped.call(ARCHITECTURE.numbers.fsync, [-1], STOP_MS);
    } catch (error) {
      if (!(error instanceof TraceError) || error.failure !== "does not stop") throw error;
    } finally {
      this.#memory.endQuestion();
    }
    const listener = this.#memory.answered;
    if (listener !== undefined && this.#isServed(listener, target.service)) return true;
    throw new Problem(
      "LISTENER_TAKEN",
      "system",
      `process ${pid} of ${target.service} is under the filter of another program, or of an earlier injector`,
      `A filter stays until its processes end: restart ${target.service}, then arm the fault again.`,
    );
  }

  #filter(): Buffer {
    const names = KEYWORDS.flatMap(callsOf).filter(isSyscallName);
    return (this.#program ??= notifyFilter(
      [...new Set(names)].map((name) => ARCHITECTURE.numbers[name]),
      ARCHITECTURE,
    ));
  }
}

let flags = 0;

function listenerFlags(): number {
  if (flags === 0) {
    flags = FLAG.NEW_LISTENER | FLAG.TSYNC | FLAG.TSYNC_ESRCH;
    if (kernelKnows(flags | FLAG.WAIT_KILLABLE_RECV)) flags |= FLAG.WAIT_KILLABLE_RECV;
  }
  return flags;
}

function resume(pid: number): void {
  try {
    process.kill(pid, "SIGCONT");
  } catch {
    // It has ended.
  }
}

/** Prefers threads that will stop at once to those in an uninterruptible wait, such as a call that is held. */
function stopAnyThread(status: ProcessStatus, journal: Journal): StoppedThread {
  const threads = threadsOf(status.pid).map((thread) => ({ thread, state: threadState(status.pid, thread) }));
  const alive = threads.filter(({ state }) => !"ZX".includes(state));
  const willing = [...alive.filter(({ state }) => state !== "D"), ...alive.filter(({ state }) => state === "D")];
  let failure = new TraceError("gone", `process ${status.pid} ended`);
  for (const { thread } of willing) {
    try {
      return StoppedThread.stop(status.pid, thread, STOP_MS, journal);
    } catch (error) {
      if (!(error instanceof TraceError)) throw error;
      failure = error;
      if (error.failure !== "gone" && error.failure !== "does not stop") break;
    }
  }
  throw failure;
}

/** Now, in the ticks of proc_pid_stat(5)'s starttime: hundredths of a second since boot. Late rather than early. */
function ticksNow(): number {
  return Math.ceil(Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]) * 100) + 1;
}

function gone(target: Target): Problem {
  return new Problem(
    "PROCESS_GONE",
    "system",
    `${target.service} has no process ${target.pid} any more`,
    "See what ended it in the service's output; start it again, then arm the fault.",
  );
}

function refused(target: Target, pid: number, what: string, errno: number): Problem {
  const where = `process ${pid} of ${target.service}`;
  switch (errno) {
    case ERRNO.ENOSYS:
    case ERRNO.EINVAL:
      return new Problem(
        "NO_SECCOMP",
        "system",
        `${where} could not ${what}: this kernel has no seccomp user notification (errno ${errno})`,
        "It needs Linux 5.9 or newer with CONFIG_SECCOMP_FILTER; `faultbook doctor` shows what is there.",
      );
    case ERRNO.ESRCH:
      return new Problem(
        "THREADS_DIVERGE",
        "system",
        `${where} could not ${what}: one of its threads has a filter of its own that the others have not`,
        "A program that puts its threads into sandboxes of their own can't be attached to.",
      );
    default:
      return new Problem(
        "FILTER_REFUSED",
        "system",
        `${where} could not ${what}: errno ${errno}`,
        "A sandbox around the process forbids it (another seccomp profile than Docker's default?): start it without that.",
      );
  }
}

function problemOf(error: unknown, pid: number, target: Target): unknown {
  const where = `process ${pid} of ${target.service}`;
  if (error instanceof SystemError) {
    return new Problem("NOT_PERMITTED", "system", `${where}: ${error.message}`, PRIVILEGE_HINT, { cause: error });
  }
  if (!(error instanceof TraceError)) return error;
  switch (error.failure) {
    case "gone":
      return gone(target);
    case "traced":
      return new Problem("ALREADY_TRACED", "system", error.message, "End the debugger or strace that holds it, then arm the fault again.");
    case "not permitted":
      return new Problem("NOT_PERMITTED", "system", `${where} may not be traced by this user`, PRIVILEGE_HINT);
    case "does not stop":
      return new Problem(
        "PROCESS_STUCK",
        "system",
        `${where} does not stop: ${error.message}`,
        "It is in an uninterruptible wait, for a disk or a network file system, or held by a fault that must be lifted first.",
      );
    case "32-bit":
    case "no syscall instruction":
      return new Problem(
        "ARCHITECTURE",
        "system",
        `${where} can't be attached to: ${error.message}`,
        "Only 64-bit programs of the machine's own kind can.",
      );
  }
}

const PRIVILEGE_HINT = "Run as root, or as a member of the docker group; `faultbook doctor` shows what this machine lets us do.";
