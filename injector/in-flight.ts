/**
 * Memory that the injector and its keeper share, so that the keeper can finish what a killed injector had begun: which
 * calls were received and not answered yet, and which process was being attached to. The kernel writes the id of a received
 * call straight into this memory, so there is no moment at which only the injector knows it.
 *
 * Layout, in 32-bit words: 0 the process being attached to, 1 and 2 a question of the attaching thread to the serving one
 * (see `notify-attach.ts`), 3 reports that the main thread has taken, 4 the process that was stopped to attach to it, 5 the
 * thread that is being changed; from word 16 the listener and the notification that is being decided; from word 64 the
 * changed thread's registers and signal mask as they were; from word 128 calls held for later: listener + 1, nothing, id (2).
 */
import type { Journal, Kept } from "./linux/ptrace.ts";
import { REGISTER_COUNT } from "./linux/ptrace.ts";
import { Notification, WORD } from "./linux/seccomp.ts";
import { mapSharedMemory } from "./linux/shared-memory.ts";

/** Calls that can be held at once; one more than these is let pass. */
export const HELD_MAX = 8192;

const ATTACHING = 0;
const ASKED_THREAD = 1;
const ANSWERING_LISTENER = 2;
const REPORTS_TAKEN = 3;
const STOPPED = 4;
const CHANGED_THREAD = 5;
const RECEIVING_LISTENER = 16;
const NOTIFICATION = 18; // at a multiple of 8 bytes
const KEPT = 64;
const HELD = 128;
const HELD_WORDS = 4;

export const IN_FLIGHT_BYTES = (HELD + HELD_MAX * HELD_WORDS) * 4;

export interface CallInFlight {
  readonly listener: number;
  readonly idLow: number;
  readonly idHigh: number;
}

export class InFlight implements Journal {
  readonly #words: Uint32Array;
  readonly #kept: BigUint64Array;
  /** The notification that is being received and decided. */
  readonly notification: Notification;

  constructor(fd: number) {
    const memory = mapSharedMemory(fd, IN_FLIGHT_BYTES);
    this.#words = new Uint32Array(memory);
    this.#kept = new BigUint64Array(memory, KEPT * 4, REGISTER_COUNT + 1);
    this.notification = new Notification(memory, NOTIFICATION * 4);
  }

  /** To be set before a notification is received. */
  set receivingListener(listener: number) {
    this.#words[RECEIVING_LISTENER] = listener;
  }

  /** 0 when none. */
  get attaching(): number {
    return this.#words[ATTACHING] ?? 0;
  }

  set attaching(pid: number) {
    this.#words[ATTACHING] = pid;
  }

  /** The process that has been sent SIGSTOP and must be sent SIGCONT; 0 when none. */
  get stopped(): number {
    return this.#words[STOPPED] ?? 0;
  }

  set stopped(pid: number) {
    this.#words[STOPPED] = pid;
  }

  /** From now on a thread is changed, until `end`. */
  begin(thread: number, kept: Kept): void {
    this.#kept.set(kept.registers);
    this.#kept.set(kept.mask, REGISTER_COUNT);
    this.#words[CHANGED_THREAD] = thread;
  }

  end(): void {
    this.#words[CHANGED_THREAD] = 0;
  }

  /** A thread that was being changed, and how it was before. */
  get changed(): { readonly thread: number; readonly kept: Kept } | undefined {
    const thread = this.#words[CHANGED_THREAD] ?? 0;
    const [registers, mask] = [this.#kept.slice(0, REGISTER_COUNT), this.#kept.slice(REGISTER_COUNT)];
    return thread === 0 ? undefined : { thread, kept: { registers, mask } };
  }

  /** Asks the serving thread by which listener a call of this thread comes. */
  ask(thread: number): void {
    this.#words[ANSWERING_LISTENER] = 0;
    this.#words[ASKED_THREAD] = thread;
  }

  /** `answered` keeps its value until the next question. */
  endQuestion(): void {
    this.#words[ASKED_THREAD] = 0;
  }

  get askedThread(): number {
    return this.#words[ASKED_THREAD] ?? 0;
  }

  answer(listener: number): void {
    this.#words[ANSWERING_LISTENER] = listener + 1;
  }

  /** The listener by which the asked thread's call came; undefined when none has come. */
  get answered(): number | undefined {
    const word = this.#words[ANSWERING_LISTENER] ?? 0;
    return word === 0 ? undefined : word - 1;
  }

  get reportsTaken(): number {
    return this.#words[REPORTS_TAKEN] ?? 0;
  }

  takeReport(): void {
    this.#words[REPORTS_TAKEN] = this.reportsTaken + 1;
  }

  /** Keeps the call that is being decided for later in a free slot. */
  hold(slot: number, call: CallInFlight): void {
    const at = HELD + slot * HELD_WORDS;
    this.#words[at + 2] = call.idLow;
    this.#words[at + 3] = call.idHigh;
    this.#words[at] = call.listener + 1;
  }

  free(slot: number): void {
    this.#words[HELD + slot * HELD_WORDS] = 0;
  }

  /** All calls that may still wait for an answer; some may have been answered already, which does no harm. */
  unanswered(): CallInFlight[] {
    const calls: CallInFlight[] = [];
    const words = this.#words;
    const idLow = this.notification.words[WORD.idLow] ?? 0;
    const idHigh = this.notification.words[WORD.idHigh] ?? 0;
    if (idLow !== 0 || idHigh !== 0) calls.push({ listener: words[RECEIVING_LISTENER] ?? 0, idLow, idHigh });
    for (let at = HELD; at < words.length; at += HELD_WORDS) {
      const listener = words[at] ?? 0;
      if (listener !== 0) calls.push({ listener: listener - 1, idLow: words[at + 2] ?? 0, idHigh: words[at + 3] ?? 0 });
    }
    return calls;
  }
}
