/** Writes the events of one run by hand, as the record would hold them; times in milliseconds since the run began. */
import type { Event } from "../../../model/event.ts";

export class History {
  readonly began_ms: number;
  readonly #events: Event[] = [];

  constructor(began_ms: number) {
    this.began_ms = began_ms;
  }

  /** In the order of the record. */
  get events(): readonly Event[] {
    return this.#events.toSorted((one, other) => one.time_ms - other.time_ms).map((event, index) => ({ ...event, seq: index + 1 }));
  }

  add(at_ms: number, service: string, type: string, fields: Readonly<Record<string, string>>): this {
    this.#events.push({ seq: 0, time_ms: this.began_ms + at_ms, service, type, fields });
    return this;
  }

  probe(from_ms: number, to_ms: number, summary: string, status: string, more: Readonly<Record<string, string>> = {}): this {
    const common = { target: "api", interface: "http", protocol: "http", method: summary.split(" ")[0] ?? "", summary };
    this.add(from_ms, "test", "step_send", common);
    return this.add(to_ms, "test", "step_recv", {
      ...common,
      status,
      outcome: "answered",
      duration_ms: String(to_ms - from_ms),
      error: "",
      ...more,
    });
  }

  armed(from_ms: number, to_ms: number, service: string, fault: string, keyword: string, action: string): this {
    const fields = { fault, rule: `${fault}/${service}/${keyword}`, keyword, action, mechanism: "notify" };
    return this.add(from_ms, service, "fault_applied", fields).add(to_ms, service, "fault_removed", fields);
  }

  denied(at_ms: number, service: string, fault: string, syscall: string, errno: string, more: Readonly<Record<string, string>> = {}): this {
    const base = {
      syscall,
      keyword: syscall,
      decision: `deny(${errno})`,
      errno,
      fault,
      rule: fault,
      process: "node",
      pid: "4711",
      scenario_path: "yes",
    };
    return this.add(at_ms, service, "syscall", { ...base, mechanism: "notify", ...more });
  }

  delayed(
    at_ms: number,
    service: string,
    fault: string,
    syscall: string,
    decision: string,
    more: Readonly<Record<string, string>> = {},
  ): this {
    return this.add(at_ms, service, "syscall", {
      syscall,
      keyword: syscall,
      decision,
      fault,
      rule: fault,
      scenario_path: "yes",
      mechanism: "packets",
      ...more,
    });
  }

  call(at_ms: number, service: string, syscall: string, target: string): this {
    return this.add(at_ms, service, "syscall", {
      syscall,
      keyword: syscall,
      decision: "allow",
      target,
      process: "node",
      pid: "4711",
      scenario_path: "yes",
    });
  }

  reset(at_ms: number, service: string, target: string, fault: string, connections: number): this {
    return this.add(at_ms, service, "reset", { target, fault, connections: String(connections) });
  }

  line(at_ms: number, service: string, line: string): this {
    return this.add(at_ms, service, "stdout", { line });
  }

  died(at_ms: number, service: string, detail: string): this {
    return this.add(at_ms, service, "service_died", { detail });
  }

  up(at_ms: number, service: string, what: "starting" | "ready" | "restarted", detail = ""): this {
    return this.add(at_ms, service, `service_${what}`, { detail });
  }

  violation(at_ms: number, service: string, monitor: string, message: string): this {
    return this.add(at_ms, service, "violation", { monitor, message, event: "" });
  }
}
