/**
 * Memory that the injector and its keeper share, so that the keeper can finish what a killed injector had begun: which
 * calls were received and not answered yet, and which process was being attached to. The kernel writes the id of a received
 * call straight into this memory, so there is no moment at which only the injector knows it.
 *
 * Layout, in 32-bit words: 0 the process being attached to, 1 and 2 a question of the attaching thread to the serving one
 * (see `notify-attach.ts`), 3 reports that the main thread has taken; from word 16 the listener and the notification that
 * is being decided; from word 64 calls held for later: listener + 1, nothing, id (2).
 */
import { Notification, WORD } from "./linux/seccomp.ts";
import { mapSharedMemory } from "./linux/shared-memory.ts";

/** Calls that can be held at once; one more than these is let pass. */
export const HELD_MAX = 8192;

const ATTACHING = 0;
const ASKED_THREAD = 1;
const ANSWERING_LISTENER = 2;
const REPORTS_TAKEN = 3;
const RECEIVING_LISTENER = 16;
const NOTIFICATION = 18; // at a multiple of 8 bytes
const HELD = 64;
const HELD_WORDS = 4;

export const IN_FLIGHT_BYTES = (HELD + HELD_MAX * HELD_WORDS) * 4;

export interface CallInFlight {
  readonly listener: number;
  readonly idLow: number;
  readonly idHigh: number;
}

export class InFlight {
  readonly #words: Uint32Array;
  /** The notification that is being received and decided. */
  readonly notification: Notification;

  constructor(fd: number) {
    const memory = mapSharedMemory(fd, IN_FLIGHT_BYTES);
    this.#words = new Uint32Array(memory);
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
