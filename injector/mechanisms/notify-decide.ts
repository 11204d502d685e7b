/**
 * Decides calls that wait: finds the rules that act on each, answers it or holds it, counts and reports. It never waits
 * itself and never leaves a call without an answer: in doubt a call passes. What a rule acts on is `notify-rules.ts`.
 */
import { errnoNumber } from "../../model/errno.ts";
import { callsOf } from "../../model/families.ts";
import type { Rule } from "../../model/rule.ts";
import type { InFlight } from "../in-flight.ts";
import { HELD_MAX } from "../in-flight.ts";
import { epoch_ms } from "../linux/clock.ts";
import { fail, isWaiting, letPass, WORD } from "../linux/seccomp.ts";
import type { SyscallName } from "../linux/syscalls.ts";
import { ARCHITECTURE, isSyscallName, namesByNumber } from "../linux/syscalls.ts";
import type { Caller, CallReport, Process, RuleCounts } from "../messages.ts";
import { WaitingCall } from "./notify-call.ts";
import type { WorkerReport } from "./notify-messages.ts";
import { actsOn, endOf } from "./notify-rules.ts";
import { callersAt, servedBy } from "./notify-serving.ts";

/** Reports on their way to the main thread; beyond these, calls are decided and counted but not reported one by one. */
const REPORTS_MAX = 20_000;
const NAMES = namesByNumber(ARCHITECTURE);

export interface Listener {
  readonly listener: number;
  readonly fd: number;
  readonly service: string;
}

interface ArmedRule {
  readonly rule: Rule;
  readonly callers: readonly Caller[];
  fired: number;
  readonly passed: Map<string, number>;
}

/** What stays true of a call while it is held. */
interface Sighting {
  readonly call: WaitingCall;
  readonly service: string;
  readonly time_ms: number;
  readonly process: Process;
  /** Addresses at the other ends of the connections that the process had accepted. */
  readonly remotes: readonly string[];
}

interface HeldCall {
  readonly slot: number;
  readonly listener: Listener;
  idLow: number;
  idHigh: number;
  readonly number: number;
  readonly arguments: Uint32Array;
  readonly since_ms: number;
  readonly sighting: Sighting;
  readonly delays: Set<ArmedRule>;
  denial: ArmedRule | undefined;
}

export class Decider {
  readonly #memory: InFlight;
  readonly #report: (report: WorkerReport) => void;
  readonly #rules = new Map<string, ArmedRule>();
  /** By service, by number of the call. */
  readonly #byNumber = new Map<string, (ArmedRule[] | undefined)[]>();
  /** By thread, since a thread waits in one call at a time. */
  readonly #held = new Map<number, HeldCall>();
  readonly #freeSlots = Array.from({ length: HELD_MAX }, (_, i) => HELD_MAX - 1 - i);
  #next_ms = Infinity;
  #reported = 0;
  #unreported = 0;

  constructor(memory: InFlight, report: (report: WorkerReport) => void) {
    this.#memory = memory;
    this.#report = report;
  }

  /** When `expire` has something to do, on performance.now()'s clock; Infinity when nothing is held. */
  get next_ms(): number {
    return this.#next_ms;
  }

  arm(rule: Rule, callers: readonly Caller[]): void {
    this.#rules.set(rule.id, { rule, callers, fired: 0, passed: new Map() });
    this.#index();
  }

  /** Lifts a rule; what it alone held goes on at once. */
  disarm(id: string): RuleCounts {
    const armed = this.#rules.get(id);
    if (armed === undefined) return { rule: id, fired: 0, passed: {} };
    this.#rules.delete(id);
    this.#index();
    for (const held of this.#held.values()) {
      if (held.denial === armed) held.denial = undefined;
      if (!held.delays.delete(armed)) continue;
      this.#reportDelay(armed, held, epoch_ms());
    }
    this.expire();
    return { rule: id, fired: armed.fired, passed: Object.fromEntries(armed.passed) };
  }

  #index(): void {
    this.#byNumber.clear();
    for (const armed of this.#rules.values()) {
      const table = this.#byNumber.get(armed.rule.service) ?? [];
      this.#byNumber.set(armed.rule.service, table);
      for (const name of callsOf(armed.rule.keyword)) {
        if (isSyscallName(name)) (table[ARCHITECTURE.numbers[name]] ??= []).push(armed);
      }
    }
  }

  /** Receives one call of a listener that has one, and answers or holds it. False when it was gone again. */
  serve(listener: Listener): boolean {
    this.#memory.receivingListener = listener.listener;
    if (!this.#memory.notification.receive(listener.fd)) return false;
    const notification = this.#memory.notification.words;
    const idLow = notification[WORD.idLow] ?? 0;
    const idHigh = notification[WORD.idHigh] ?? 0;
    const number = notification[WORD.number] ?? -1;
    const thread = notification[WORD.thread] ?? 0;
    const rules = this.#byNumber.get(listener.service)?.[number];
    if (thread === this.#memory.askedThread && thread !== 0) this.#memory.answer(listener.listener);
    else if (this.#held.size > 0 && this.#isRepeated(listener, thread, notification)) return true;
    else if (rules !== undefined) {
      const name = NAMES.get(number);
      try {
        if (name !== undefined && this.#decide(listener, rules, name)) return true;
      } catch (error) {
        this.#report({ report: "notice", code: "CALL_NOT_DECIDED", message: `a call passed undecided: ${String(error)}` });
      }
    }
    letPass(listener.fd, idLow, idHigh);
    return true;
  }

  /** True when the call was answered or is held. */
  #decide(listener: Listener, rules: readonly ArmedRule[], syscall: SyscallName): boolean {
    const notification = this.#memory.notification.words;
    const idLow = notification[WORD.idLow] ?? 0;
    const idHigh = notification[WORD.idHigh] ?? 0;
    const call = new WaitingCall(notification, syscall);
    const delays = new Set<ArmedRule>();
    let denial: ArmedRule | undefined;
    for (const armed of rules) {
      const acts = actsOn(armed.rule, call);
      if (acts !== true) armed.passed.set(acts, (armed.passed.get(acts) ?? 0) + 1);
      else if (armed.rule.action.kind === "delay") delays.add(armed);
      else denial ??= armed;
    }
    if (denial === undefined && delays.size === 0) return false;
    const sighting: Sighting = {
      call,
      service: listener.service,
      time_ms: epoch_ms(),
      process: call.process,
      remotes: servedBy(call.pid),
    };
    if (call.looked && !isWaiting(listener.fd, idLow, idHigh)) return true;
    for (const armed of delays) armed.fired++;
    if (denial !== undefined) denial.fired++;
    if (delays.size > 0) {
      const held = { listener, idLow, idHigh, number: notification[WORD.number] ?? -1, sighting, delays, denial };
      return this.#hold(held, notification.slice(WORD.arguments));
    }
    if (denial !== undefined) this.#deny(listener, idLow, idHigh, denial, sighting);
    return true;
  }

  #deny(listener: Listener, idLow: number, idHigh: number, armed: ArmedRule, sighting: Sighting): boolean {
    const { action } = armed.rule;
    if (action.kind !== "deny") return letPass(listener.fd, idLow, idHigh);
    const answered = fail(listener.fd, idLow, idHigh, errnoNumber(action.errno));
    this.#reportCall(this.#describe(armed, sighting));
    return answered;
  }

  #hold(call: Omit<HeldCall, "slot" | "arguments" | "since_ms">, args: Uint32Array): boolean {
    const slot = this.#freeSlots.pop();
    if (slot === undefined) {
      this.#report({ report: "notice", code: "TOO_MANY_HELD", message: `a call passed undelayed: ${HELD_MAX} calls are held already` });
      return false;
    }
    const held: HeldCall = { ...call, slot, arguments: args, since_ms: performance.now() };
    this.#memory.hold(slot, { listener: held.listener.listener, idLow: held.idLow, idHigh: held.idHigh });
    this.#held.set(held.sighting.call.thread, held);
    this.#next_ms = Math.min(this.#next_ms, due_ms(held));
    return true;
  }

  /**
   * A thread whose call is held can't make another one: the held call was given up. Without WAIT_KILLABLE_RECV any signal
   * does that, and the kernel makes the same call again: it is the same occurrence and goes on waiting.
   */
  #isRepeated(listener: Listener, thread: number, notification: Uint32Array): boolean {
    const held = this.#held.get(thread);
    if (held === undefined) return false;
    const same = held.number === notification[WORD.number] && held.arguments.every((word, i) => word === notification[WORD.arguments + i]);
    if (!same || held.listener !== listener) {
      this.#finish(held);
      return false;
    }
    held.idLow = notification[WORD.idLow] ?? 0;
    held.idHigh = notification[WORD.idHigh] ?? 0;
    this.#memory.hold(held.slot, { listener: listener.listener, idLow: held.idLow, idHigh: held.idHigh });
    return true;
  }

  /** Answers every held call whose time is over. */
  expire(): void {
    const now_ms = performance.now();
    let next_ms = Infinity;
    for (const held of this.#held.values()) {
      const at_ms = due_ms(held);
      if (at_ms <= now_ms) this.#finish(held);
      else next_ms = Math.min(next_ms, at_ms);
    }
    this.#next_ms = next_ms;
  }

  #finish(held: HeldCall): void {
    const { fd } = held.listener;
    const ended_ms = epoch_ms();
    const alive =
      held.denial === undefined
        ? letPass(fd, held.idLow, held.idHigh)
        : this.#deny(held.listener, held.idLow, held.idHigh, held.denial, held.sighting);
    this.#memory.free(held.slot);
    this.#freeSlots.push(held.slot);
    this.#held.delete(held.sighting.call.thread);
    for (const armed of held.delays) this.#reportDelay(armed, held, alive ? ended_ms : undefined);
  }

  #reportDelay(armed: ArmedRule, held: HeldCall, ended_ms: number | undefined): void {
    this.#reportCall({
      ...this.#describe(armed, held.sighting),
      held_connections: held.sighting.remotes.length,
      ...(ended_ms === undefined ? {} : { ended_ms }),
    });
  }

  #describe(armed: ArmedRule, { call, service, time_ms, process, remotes }: Sighting): CallReport {
    const { rule } = armed;
    const common = { report: "call", rule: rule.id, service, time_ms, syscall: call.syscall, process } as const;
    const serving = callersAt(remotes, armed.callers);
    if (rule.keyword !== "connect") return { ...common, path: call.path, serving };
    const to = { service: endOf(rule, call.peer)?.service ?? "", address: call.peer.address, port: call.peer.port };
    return { ...common, to, serving };
  }

  #reportCall(report: CallReport): void {
    if (this.#reported - this.#memory.reportsTaken >= REPORTS_MAX) {
      this.#unreported++;
      return;
    }
    if (this.#unreported > 0) {
      const message = `${this.#unreported} calls were decided and counted but not reported one by one: more than ${REPORTS_MAX} reports waited`;
      this.#report({ report: "notice", code: "CALLS_NOT_REPORTED", message });
      this.#unreported = 0;
    }
    this.#reported++;
    this.#report(report);
  }
}

function due_ms(held: HeldCall): number {
  let total_ms = 0;
  for (const { rule } of held.delays) if (rule.action.kind === "delay") total_ms += rule.action.ms;
  return held.since_ms + total_ms;
}
