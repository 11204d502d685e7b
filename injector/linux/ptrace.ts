/**
 * Stops one thread of a running process, lets it make system calls for us, and puts everything back as it was. All of it
 * from one thread of ours, since the kernel ties a tracee to the thread that seized it. x86-64 only.
 * Source: ptrace(2), "Group-stop" and "PTRACE_SEIZE"; kernel/signal.c; arch/x86/include/asm/user_64.h; rseq(2).
 *
 * If we are killed meanwhile, the kernel must not run the thread with registers of ours. So its process is stopped as by
 * SIGSTOP, which a thread returns to when its tracer dies; and calls are followed by stops at system calls, never by single
 * steps, whose SIGTRAP would end the process. The thread is let go while the kernel delivers signals, where a call of its
 * own that we interrupted is restarted exactly as after a stop signal.
 */
import { readFileSync } from "node:fs";
import koffi from "koffi";
import { readMemory } from "./memory.ts";
import { libc } from "./system-error.ts";

const ptraceBuffer: (request: number, pid: number, address: number, data: ArrayBufferView) => number | bigint = libc.func(
  "long ptrace(long request, int pid, uintptr_t address, void *data)",
);
const ptraceNumber: (request: number, pid: number, address: number, data: number) => number | bigint = libc.func("ptrace", "long", [
  "long",
  "int",
  "uintptr_t",
  "uintptr_t",
]);
const waitpid: (pid: number, status: Int32Array, options: number) => number = libc.func("int waitpid(int pid, void *status, int options)");
const usleep: (us: number) => number = libc.func("int usleep(unsigned int us)");
const schedYield: () => number = libc.func("int sched_yield(void)");

const REQUEST = {
  cont: 7,
  getRegisters: 12,
  setRegisters: 13,
  detach: 17,
  syscall: 24,
  seize: 0x4206,
  interrupt: 0x4207,
  getSignalMask: 0x420a,
  setSignalMask: 0x420b,
  getRseq: 0x420f,
} as const;
const EVENT_STOP = 128;
const WNOHANG = 1;
const WALL = 0x40000000;
const EPERM = 1;
const SIGTRAP = 5;
const OPTION_SYSGOOD = 1;
/** What a stop at a system call reports with that option. */
const AT_SYSCALL = SIGTRAP | 0x80;
/** SIGKILL and SIGSTOP can't be blocked, which is well. */
const ALL_SIGNALS = 0xffff_ffff_ffff_ffffn;

/** Index of each register in struct user_regs_struct. */
const REGISTER = { r10: 7, r9: 8, r8: 9, rax: 10, rdx: 12, rsi: 13, rdi: 14, orig_rax: 15, rip: 16, cs: 17 } as const;
export const REGISTER_COUNT = 27;
const ARGUMENTS = [REGISTER.rdi, REGISTER.rsi, REGISTER.rdx, REGISTER.r10, REGISTER.r8, REGISTER.r9] as const;
const NO_CALL = 0xffff_ffff_ffff_ffffn;
const COMPATIBILITY_SEGMENT = 0x23n;
const RELEASE_MS = 1000;
const SYSCALL_INSTRUCTION = Buffer.from([0x0f, 0x05]);

export type TraceFailure = "gone" | "traced" | "not permitted" | "does not stop" | "32-bit" | "no syscall instruction";

export class TraceError extends Error {
  override readonly name = "TraceError";
  readonly failure: TraceFailure;

  constructor(failure: TraceFailure, message: string) {
    super(message);
    this.failure = failure;
  }
}

/** What we change in a thread and must put back: struct user_regs_struct, and the signals that it blocks. */
export interface Kept {
  readonly registers: BigUint64Array;
  readonly mask: BigUint64Array;
}

/** Where it is written down that a thread is being changed, for who comes after us if we are killed meanwhile. */
export interface Journal {
  begin(thread: number, kept: Kept): void;
  end(): void;
}

/** Threads that didn't stop in time: they are let go as soon as they do, as they were before we changed anything. */
const overdue = new Map<number, Kept | undefined>();

/** Lets go of threads that have stopped too late; call it now and then while `hasOverdue` says so. */
export function releaseOverdue(): void {
  for (const [thread, kept] of overdue) {
    const status = stopStatus(thread);
    if (status === undefined) continue;
    overdue.delete(thread);
    if (status === "gone") continue;
    if (kept !== undefined) putBack(thread, kept);
    else ptraceNumber(REQUEST.detach, thread, 0, status.event === 0 ? status.signal : 0);
  }
}

export function hasOverdue(): boolean {
  return overdue.size > 0;
}

/** For a thread that is stopped where signals are delivered. */
function putBack(thread: number, kept: Kept): void {
  ptraceBuffer(REQUEST.setRegisters, thread, 0, kept.registers);
  ptraceBuffer(REQUEST.setSignalMask, thread, 8, kept.mask);
  ptraceNumber(REQUEST.detach, thread, 0, 0);
}

interface StopStatus {
  readonly signal: number;
  readonly event: number;
}

/** How a thread has stopped; undefined when it runs. */
function stopStatus(thread: number): StopStatus | "gone" | undefined {
  const status = new Int32Array(1);
  const result = waitpid(thread, status, WALL | WNOHANG);
  if (result === 0) return undefined;
  const word = status[0] ?? 0;
  if (result < 0 || (word & 0xff) !== 0x7f) return "gone";
  return { signal: (word >> 8) & 0xff, event: word >> 16 };
}

function waitForStop(thread: number, deadline_ms: number): StopStatus | undefined {
  for (let attempt = 0; ; attempt++) {
    const status = stopStatus(thread);
    if (status === "gone") throw new TraceError("gone", `thread ${thread} ended`);
    if (status !== undefined) return status;
    if (performance.now() > deadline_ms) return undefined;
    if (attempt < 100) schedYield();
    else usleep(100);
  }
}

function must(result: number | bigint, thread: number): void {
  if (Number(result) < 0) throw new TraceError("gone", `thread ${thread} ended (errno ${koffi.errno()})`);
}

/** A `syscall` instruction that the process maps: the vDSO has one; else any of its code. */
function findSyscallInstruction(pid: number): bigint {
  const AT_SYSINFO_EHDR = 33n;
  const auxv = readFileSync(`/proc/${pid}/auxv`);
  for (let at = 0; at + 16 <= auxv.length; at += 16) {
    if (auxv.readBigUInt64LE(at) !== AT_SYSINFO_EHDR) continue;
    const found = findIn(pid, auxv.readBigUInt64LE(at + 8), 8192);
    if (found !== undefined) return found;
  }
  for (const line of readFileSync(`/proc/${pid}/maps`, "utf8").split("\n")) {
    const [, from, to] = /^([0-9a-f]+)-([0-9a-f]+) r-x/.exec(line) ?? [];
    if (from === undefined || to === undefined) continue;
    const start = BigInt(`0x${from}`);
    const end = BigInt(`0x${to}`);
    const chunk = 1 << 20;
    for (let at = start; at < end; at += BigInt(chunk)) {
      const found = findIn(pid, at, Math.min(chunk, Number(end - at)));
      if (found !== undefined) return found;
    }
  }
  throw new TraceError("no syscall instruction", `process ${pid} maps no code with a syscall instruction`);
}

function findIn(pid: number, start: bigint, length: number): bigint | undefined {
  try {
    const at = readMemory(pid, start, length).indexOf(SYSCALL_INSTRUCTION);
    return at < 0 ? undefined : start + BigInt(at);
  } catch {
    return undefined;
  }
}

export class StoppedThread {
  readonly thread: number;
  readonly #kept: Kept;
  readonly #instruction: bigint;
  readonly #journal: Journal;
  #released = false;

  private constructor(thread: number, kept: Kept, instruction: bigint, journal: Journal) {
    this.thread = thread;
    this.#kept = kept;
    this.#journal = journal;
    this.#instruction = instruction;
  }

  /**
   * Seizes a thread and stops its whole process, as SIGSTOP does: if we are killed, the kernel leaves the thread stopped
   * instead of running on with registers of ours, and `putBackThread` can repair it. The caller sends SIGCONT in the end,
   * also after an error. Throws TraceError; then nothing about the thread has changed.
   */
  static stop(pid: number, thread: number, timeout_ms: number, journal: Journal): StoppedThread {
    seize(pid, thread);
    process.kill(pid, "SIGSTOP");
    const deadline_ms = performance.now() + timeout_ms;
    for (;;) {
      const status = waitForStop(thread, deadline_ms);
      if (status === undefined) {
        ptraceNumber(REQUEST.interrupt, thread, 0, 0);
        overdue.set(thread, undefined);
        throw new TraceError("does not stop", `thread ${thread} of process ${pid} did not stop within ${timeout_ms} ms`);
      }
      if (status.event === EVENT_STOP && status.signal !== SIGTRAP) break;
      // A signal came first, or it is the stop signal before it takes effect: let it be delivered.
      must(ptraceNumber(REQUEST.cont, thread, 0, status.event === 0 ? status.signal : 0), thread);
    }
    try {
      return StoppedThread.#take(pid, thread, journal);
    } catch (error) {
      ptraceNumber(REQUEST.detach, thread, 0, 0);
      journal.end();
      throw error;
    }
  }

  static #take(pid: number, thread: number, journal: Journal): StoppedThread {
    const registers = new BigUint64Array(REGISTER_COUNT);
    must(ptraceBuffer(REQUEST.getRegisters, thread, 0, registers), thread);
    if (registers[REGISTER.cs] === COMPATIBILITY_SEGMENT) throw new TraceError("32-bit", `process ${pid} runs 32-bit code`);
    abortRestartableSequence(thread, registers);
    const instruction = findSyscallInstruction(pid);
    const mask = new BigUint64Array(1);
    must(ptraceBuffer(REQUEST.getSignalMask, thread, 8, mask), thread);
    const kept = { registers, mask };
    journal.begin(thread, kept);
    must(ptraceBuffer(REQUEST.setSignalMask, thread, 8, BigUint64Array.of(ALL_SIGNALS)), thread);
    return new StoppedThread(thread, kept, instruction, journal);
  }

  /**
   * The thread makes one system call; its registers are as they were afterwards. The result is the kernel's: negative for
   * an errno. Throws TraceError: "gone", or "does not stop" when the call doesn't return in time (the thread is let go,
   * unharmed, when it does).
   */
  call(number: number, args: readonly (number | bigint)[], timeout_ms = 2000): number {
    const registers = this.#kept.registers.slice();
    registers[REGISTER.rip] = this.#instruction;
    registers[REGISTER.rax] = BigInt(number);
    registers[REGISTER.orig_rax] = NO_CALL; // no call of its own to restart meanwhile
    ARGUMENTS.forEach((index, i) => (registers[index] = BigInt.asUintN(64, BigInt(args[i] ?? 0))));
    must(ptraceBuffer(REQUEST.setRegisters, this.thread, 0, registers), this.thread);
    const deadline_ms = performance.now() + timeout_ms;
    // It stops when it enters the call and when it leaves it; other stops, of its process, don't count.
    for (let stops = 0; stops < 2;) {
      must(ptraceNumber(REQUEST.syscall, this.thread, 0, 0), this.thread);
      const status = waitForStop(this.thread, deadline_ms);
      if (status === undefined) {
        this.#abandon();
        throw new TraceError("does not stop", `a call that thread ${this.thread} was to make did not return within ${timeout_ms} ms`);
      }
      if (status.event === 0 && status.signal === AT_SYSCALL) stops++;
    }
    const after = new BigUint64Array(REGISTER_COUNT);
    must(ptraceBuffer(REQUEST.getRegisters, this.thread, 0, after), this.thread);
    must(ptraceBuffer(REQUEST.setRegisters, this.thread, 0, this.#kept.registers), this.thread);
    return Number(BigInt.asIntN(64, after[REGISTER.rax] ?? 0n));
  }

  #abandon(): void {
    this.#released = true;
    this.#journal.end();
    ptraceNumber(REQUEST.interrupt, this.thread, 0, 0);
    if (waitForStop(this.thread, performance.now() + 500) === undefined) {
      overdue.set(this.thread, this.#kept);
      return;
    }
    putBack(this.thread, this.#kept);
  }

  /** Lets it go on where it was. Idempotent; a thread that is gone by now is no error. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    // From a stop at a system call to one where signals are delivered.
    ptraceNumber(REQUEST.interrupt, this.thread, 0, 0);
    ptraceNumber(REQUEST.cont, this.thread, 0, 0);
    try {
      if (waitForStop(this.thread, performance.now() + RELEASE_MS) === undefined) overdue.set(this.thread, this.#kept);
      else putBack(this.thread, this.#kept);
    } catch (error) {
      if (!(error instanceof TraceError)) throw error;
    }
    this.#journal.end();
  }
}

/**
 * Repairs a thread whose tracer was killed while it had changed it: the thread is stopped, with its process. Throws
 * TraceError. The caller sends SIGCONT.
 */
export function putBackThread(thread: number, kept: Kept, timeout_ms: number): void {
  seize(thread, thread);
  ptraceNumber(REQUEST.interrupt, thread, 0, 0);
  if (waitForStop(thread, performance.now() + timeout_ms) === undefined)
    throw new TraceError("does not stop", `thread ${thread} did not stop`);
  putBack(thread, kept);
}

function seize(pid: number, thread: number): void {
  if (overdue.has(thread)) throw new TraceError("does not stop", `thread ${thread} has not stopped yet`);
  if (Number(ptraceNumber(REQUEST.seize, thread, 0, OPTION_SYSGOOD)) >= 0) return;
  if (koffi.errno() !== EPERM) throw new TraceError("gone", `thread ${thread} ended`);
  const tracer = /^TracerPid:\t(\d+)$/m.exec(statusText(thread))?.[1] ?? "0";
  if (tracer !== "0") throw new TraceError("traced", `process ${pid} is traced by process ${tracer} already`);
  throw new TraceError("not permitted", `tracing process ${pid} is not permitted`);
}

function statusText(thread: number): string {
  try {
    return readFileSync(`/proc/${thread}/status`, "utf8");
  } catch {
    return "";
  }
}

/**
 * A thread stopped inside a restartable sequence must not be continued there after it has run elsewhere: it goes on at the
 * sequence's abort handler, as after any preemption. Kernels before 5.13 don't tell; then nothing is done.
 */
function abortRestartableSequence(thread: number, registers: BigUint64Array): void {
  const configuration = new BigUint64Array(3);
  if (Number(ptraceBuffer(REQUEST.getRseq, thread, 24, configuration)) < 0 || configuration[0] === undefined || configuration[0] === 0n)
    return;
  try {
    const descriptor = readMemory(thread, configuration[0] + 8n, 8).readBigUInt64LE(0);
    if (descriptor === 0n) return;
    const sequence = readMemory(thread, descriptor, 32);
    const offset = (registers[REGISTER.rip] ?? 0n) - sequence.readBigUInt64LE(8);
    if (offset >= 0n && offset < sequence.readBigUInt64LE(16)) registers[REGISTER.rip] = sequence.readBigUInt64LE(24);
  } catch {
    // The descriptor is the thread's own pointer: where it can't be read, no sequence is active.
  }
}
