/**
 * What the injector does with its orders: chooses a mechanism for each rule, arms all rules of an order or none, resets
 * standing connections, and remembers what is armed. How a rule is made true is the mechanisms' business.
 */
import { Problem } from "../model/problem.ts";
import type { Rule } from "../model/rule.ts";
import { createSharedMemory } from "./linux/shared-memory.ts";
import { hasOverdue, releaseOverdue } from "./linux/ptrace.ts";
import { IN_FLIGHT_BYTES } from "./in-flight.ts";
import { KeeperLink } from "./keeper-link.ts";
import type { Armed, Mechanism } from "./mechanisms/mechanism.ts";
import { Notify } from "./mechanisms/notify.ts";
import { probeNotify } from "./mechanisms/notify-probe.ts";
import { packets } from "./mechanisms/packets.ts";
import { connections, probeReset, resetConnections } from "./mechanisms/reset.ts";
import type { ArmedRule, Caller, Line, NoticeReport, Order, Reply, RuleCounts, Target } from "./messages.ts";

type Arm = Extract<Order, { order: "arm" }>;
type Begin = Extract<Order, { order: "begin" }>;

/** Threads that stopped too late are let go within this time. */
const OVERDUE_MS = 50;

interface Begun {
  readonly keeper: KeeperLink;
  readonly notify: Notify;
  readonly mechanisms: readonly Mechanism[];
}

interface ArmedEntry {
  readonly rule: Rule;
  readonly armed: Armed;
}

export class Injector {
  readonly #write: (line: Line) => void;
  readonly #armed = new Map<string, ArmedEntry>();
  #begun: Begun | undefined;
  #sessionGone = false;
  #ending = false;

  constructor(write: (line: Line) => void) {
    this.#write = write;
  }

  /** Carries an order out and writes its reply; never throws for what can go wrong in the world. */
  async carryOut(order: Order): Promise<void> {
    try {
      this.#write(await this.#reply(order));
    } catch (error) {
      const problem = error instanceof Problem ? error : unexpected(error);
      this.#write({ id: order.id, ok: false, code: problem.code, message: problem.message, hint: problem.hint });
    }
  }

  async #reply(order: Order): Promise<Reply> {
    const { id } = order;
    switch (order.order) {
      case "begin":
        return this.#begin(order);
      case "probe":
        return { id, ok: true, reply: "probe", mechanisms: [packets.probe(), probeNotify(), probeReset()] };
      case "arm":
        return this.#arm(order, this.#needBegun());
      case "disarm":
        return { id, ok: true, reply: "disarm", counts: await this.#disarm(order.rules) };
      case "connections":
        return { id, ok: true, reply: "connections", connections: connections(order.target, order.to) };
    }
  }

  async #begin(order: Begin): Promise<Reply> {
    if (this.#begun !== undefined)
      throw new Problem("ALREADY_BEGUN", "faultbook", "the injector was begun before", "Start one injector a session.");
    const memory = createSharedMemory(IN_FLIGHT_BYTES);
    const charge = { owner: order.owner, injector: process.pid, label: order.label, docker: order.docker };
    const keeper = await KeeperLink.start(charge, memory, {
      sessionGone: () => this.letEverythingPass(),
      replaced: (failed) => this.#keeperReplaced(failed),
    });
    const ours = new Set([process.pid, order.owner]);
    const notify = new Notify(memory, keeper, ours, {
      notice: (notice) => this.#write(notice),
      failed: (error) => {
        process.stderr.write(`injector: the serving thread failed, ending: ${error.stack ?? error.message}\n`);
        process.exit(1);
      },
      idle: () => this.#exitIfDone(),
    });
    this.#begun = { keeper, notify, mechanisms: [packets, notify] };
    return { id: order.id, ok: true, reply: "begin", pid: process.pid, keeper: keeper.pid };
  }

  #needBegun(): Begun {
    if (this.#begun === undefined) throw new Problem("NOT_BEGUN", "faultbook", "no session has begun", "Send the order `begin` first.");
    return this.#begun;
  }

  async #arm(order: Arm, begun: Begun): Promise<Reply> {
    const began_ms = performance.now();
    const entries: ArmedEntry[] = [];
    const armed: ArmedRule[] = [];
    try {
      for (const rule of order.rules) {
        if (this.#armed.has(rule.id)) throw new Problem("RULE_ARMED", "faultbook", `rule ${rule.id} is armed already`, "Disarm it first.");
        const target = order.targets.find(({ service }) => service === rule.service);
        if (target === undefined)
          throw new Problem("NO_TARGET", "faultbook", `no target for ${rule.service}`, "Send a target for each rule's service.");
        const [entry, report] = await this.#armRule(rule, target, order, begun.mechanisms);
        this.#armed.set(rule.id, entry);
        entries.push(entry);
        armed.push(report);
        // It may have ended while processes were attached to, and nobody would ever lift the rule.
        if (this.#sessionGone) throw new Problem("SESSION_GONE", "faultbook", "the session has ended", "Nothing stays armed without one.");
      }
    } catch (error) {
      await this.#close(entries);
      throw error;
    } finally {
      this.#releaseOverdue();
    }
    return { id: order.id, ok: true, reply: "arm", armed, attach_ms: performance.now() - began_ms };
  }

  async #armRule(rule: Rule, target: Target, order: Arm, mechanisms: readonly Mechanism[]): Promise<[ArmedEntry, ArmedRule]> {
    const passed_over: string[] = [];
    for (const mechanism of mechanisms) {
      const carries = this.#besideDenial(rule, mechanism, order) ?? mechanism.carries(rule, target);
      if (carries !== true) {
        passed_over.push(`${mechanism.name}: ${carries}`);
        continue;
      }
      const armed = await mechanism.arm(rule, target, order.callers, (call) => this.#write(call));
      const { reset, at_server, failed } = resetStanding(rule, target, order.callers);
      const { processes } = armed;
      return [
        { rule, armed },
        { rule: rule.id, mechanism: mechanism.name, passed_over, reset, reset_at_server: at_server, reset_failed: failed, processes },
      ];
    }
    throw new Problem(
      "NO_MECHANISM",
      "system",
      `nothing here can carry the rule: ${passed_over.join("; ")}`,
      "`faultbook doctor` shows what is there.",
    );
  }

  /** Rules that stack on one service's connects go to one mechanism: where one is denied, a delay goes to notify too. */
  #besideDenial(rule: Rule, mechanism: Mechanism, order: Arm): string | undefined {
    if (mechanism.name === "notify" || rule.keyword !== "connect" || rule.action.kind === "deny") return undefined;
    const others = [...order.rules, ...[...this.#armed.values()].map((entry) => entry.rule)];
    const denial = others.find((other) => other.service === rule.service && other.keyword === "connect" && other.action.kind === "deny");
    return denial && `rule ${denial.id} denies connects of ${rule.service}, and both must go one way`;
  }

  async #disarm(ids: readonly string[]): Promise<RuleCounts[]> {
    const entries = ids.flatMap((id) => this.#armed.get(id) ?? []);
    await this.#close(entries);
    return entries.map(({ armed }) => armed.counts());
  }

  async #close(entries: readonly ArmedEntry[]): Promise<void> {
    for (const { rule } of entries) this.#armed.delete(rule.id);
    await Promise.all(entries.map(({ armed }) => armed.close()));
  }

  /** Lifts every rule, and keeps none from now on: the session is gone, and nobody waits for counts. */
  letEverythingPass(): void {
    this.#sessionGone = true;
    void this.#close([...this.#armed.values()]);
  }

  /** The session has ended: nothing is armed any more, its containers go, and we with the last process under a filter. */
  end(): void {
    this.letEverythingPass();
    this.#ending = true;
    this.#begun?.keeper.endSession();
    // Held open by this alone, since standard input has ended.
    setInterval(() => this.#exitIfDone(), 1000);
    this.#exitIfDone();
  }

  #exitIfDone(): void {
    if (!this.#ending || (this.#begun?.notify.listeners ?? 0) > 0 || this.#armed.size > 0) return;
    this.#begun?.notify.stop();
    process.exit(0);
  }

  #keeperReplaced(failed: boolean): void {
    const notice: NoticeReport = failed
      ? {
          report: "notice",
          code: "NO_KEEPER",
          message: "the keeper died and can't be replaced: if the injector is killed now, filtered calls fail",
        }
      : { report: "notice", code: "KEEPER_REPLACED", message: `the keeper died; process ${this.#begun?.keeper.pid ?? 0} keeps now` };
    this.#write(notice);
  }

  #releaseOverdue(): void {
    if (!hasOverdue()) return;
    const timer = setInterval(() => {
      releaseOverdue();
      if (!hasOverdue()) clearInterval(timer);
    }, OVERDUE_MS);
  }
}

function resetStanding(rule: Rule, target: Target, callers: readonly Caller[]): ReturnType<typeof resetConnections> {
  if (rule.keyword !== "connect" || rule.established !== "reset" || rule.to === undefined) return { reset: 0, at_server: 0, failed: "" };
  return resetConnections(target, rule.to, callers);
}

function unexpected(error: unknown): Problem {
  const message = error instanceof Error ? error.message : String(error);
  return new Problem("INJECTOR_FAILED", "faultbook", message, "This is a defect of faultbook: please report it with the message.");
}
