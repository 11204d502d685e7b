/**
 * Delays of `connect` that hold no thread: the SYNs of a service's new connections are dropped until their time is over (see
 * `linux/syn-filter.ts`). It needs the service's own cgroup v2 directory and carries nothing else; denials and all other
 * calls are notify's. The report has the time that really passed, which is a little more than what was asked for: until the
 * kernel's next repetition. An attempt that its caller gave up is reported when the rule goes.
 */
import { isIPv4 } from "node:net";
import { release } from "node:os";
import type { Endpoint, Rule } from "../../model/rule.ts";
import { Problem } from "../../model/problem.ts";
import type { Availability, CallReport, RuleCounts, Target } from "../messages.ts";
import type { Cgroup } from "../linux/cgroup.ts";
import { cgroupOf } from "../linux/cgroup.ts";
import type { EndpointKey, SynEvent } from "../linux/syn-filter.ts";
import { ATTEMPTS, endpointKey, SynFilter } from "../linux/syn-filter.ts";
import { SystemError } from "../linux/system-error.ts";
import type { Armed, Mechanism } from "./mechanism.ts";

/** How often what the kernel let through is reported while a rule is armed; counts and closing look at once. */
const REPORT_EVERY_MS = 50;

/** A rule that this mechanism carries, with the parts that it is made of. */
interface Slowing {
  readonly rule: Rule;
  readonly ms: number;
  readonly ends: readonly { readonly key: EndpointKey; readonly to: CallReport["to"] & object }[];
  readonly report: (call: CallReport) => void;
  fired: number;
}

/** A connection attempt whose SYN was dropped and none let through yet. */
interface Attempt {
  readonly id: Buffer;
  readonly endpoint: string;
  readonly began_ms: number;
  /** Rules that were armed for its endpoint at its first SYN and are still. */
  readonly slowings: Set<Slowing>;
}

const hex = (bytes: Buffer): string => bytes.toString("hex");
const total_ms = (slowings: Iterable<Slowing>): number => [...slowings].reduce((sum, { ms }) => sum + ms, 0);

/** One filter on one cgroup, and all rules that it carries; it is detached when the last of them goes. */
class SlowedCgroup {
  readonly #filter: SynFilter;
  readonly #timer: NodeJS.Timeout;
  readonly #slowings = new Set<Slowing>();
  /** Which rules each edit of an endpoint put in force: an event names its edit. */
  readonly #edits: (readonly Slowing[])[] = [];
  readonly #waiting = new Map<string, Attempt>();

  constructor(directory: string) {
    this.#filter = new SynFilter(directory);
    this.#timer = setInterval(() => this.look(), REPORT_EVERY_MS).unref();
  }

  get empty(): boolean {
    return this.#slowings.size === 0;
  }

  add(slowing: Slowing): void {
    this.#slowings.add(slowing);
    this.#edit(slowing);
  }

  remove(slowing: Slowing): void {
    if (!this.#slowings.delete(slowing)) return;
    this.#edit(slowing);
    this.look();
    for (const [name, attempt] of this.#waiting) {
      if (!attempt.slowings.delete(slowing)) continue;
      this.#tell(attempt, slowing, this.#filter.dropped(attempt.id));
      this.#filter.retime(attempt.id, total_ms(attempt.slowings));
      if (attempt.slowings.size === 0) this.#waiting.delete(name);
    }
  }

  /** Takes in what the kernel has done since the last time. */
  look(): void {
    for (const event of this.#filter.events()) {
      switch (event.kind) {
        case "first dropped":
          this.#began(event);
          break;
        case "let through":
          this.#passed(event);
          break;
      }
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.#filter.close();
  }

  /** Puts the rules that are armed now in force at the endpoints of a rule that came or went. */
  #edit(slowing: Slowing): void {
    for (const { key } of slowing.ends) {
      const inForce = [...this.#slowings].filter(({ ends }) => ends.some((end) => end.key.equals(key)));
      if (inForce.length === 0) this.#filter.lift(key);
      else this.#filter.set(key, total_ms(inForce), this.#edits.push(inForce) - 1);
    }
  }

  #began(event: SynEvent): void {
    const slowings = new Set((this.#edits[event.edit] ?? []).filter((slowing) => this.#slowings.has(slowing)));
    const attempt: Attempt = { id: event.attempt, endpoint: hex(event.endpoint), began_ms: event.time_ms, slowings };
    for (const slowing of slowings) slowing.fired++;
    // The filter still had an older entry when this attempt began: it waits for those rules only that are armed now.
    if (slowings.size !== this.#edits[event.edit]?.length) this.#filter.retime(attempt.id, total_ms(slowings));
    if (slowings.size === 0) return;
    this.#waiting.set(hex(attempt.id), attempt);
    // A caller that gave up sends no SYN, so its attempt would wait here until the rule goes: the kernel's limit is ours.
    const [oldest] = this.#waiting;
    if (this.#waiting.size <= ATTEMPTS || oldest === undefined) return;
    this.#waiting.delete(oldest[0]);
    for (const each of oldest[1].slowings) this.#tell(oldest[1], each, this.#filter.dropped(oldest[1].id));
  }

  #passed(event: SynEvent): void {
    const attempt = this.#waiting.get(hex(event.attempt));
    if (attempt === undefined) return;
    this.#waiting.delete(hex(event.attempt));
    for (const slowing of attempt.slowings) this.#tell(attempt, slowing, event.dropped, event.time_ms);
  }

  #tell({ began_ms, endpoint }: Attempt, { rule, ends, report }: Slowing, dropped: number, ended_ms?: number): void {
    const to = ends.find(({ key }) => hex(key) === endpoint)?.to;
    report({
      report: "call",
      rule: rule.id,
      service: rule.service,
      time_ms: began_ms,
      ...(ended_ms === undefined ? {} : { ended_ms }),
      syscall: "connect",
      ...(to === undefined ? {} : { to }),
      serving: [],
      dropped,
    });
  }
}

/** By the kernel's id of the cgroup. */
const slowed = new Map<bigint, SlowedCgroup>();

function endsOf(to: readonly Endpoint[]): Slowing["ends"] {
  const ends = new Map<string, Slowing["ends"][number]>();
  for (const { service, addresses, port } of to) {
    for (const address of addresses) {
      const key = endpointKey(address, port);
      ends.set(hex(key), { key, to: { service, address, port } });
    }
  }
  return [...ends.values()];
}

/** The service's cgroup, or why nothing may be attached there. */
function ownCgroup(target: Target): Cgroup | string {
  const cgroup = cgroupOf(target.pid);
  if (typeof cgroup === "string") return cgroup;
  if (cgroup.path === "/") return `process ${target.pid} is in the root of cgroup v2, which is not its own`;
  const ours = cgroupOf("self");
  if (typeof ours !== "string" && ours.id === cgroup.id) return `process ${target.pid} shares our own cgroup`;
  return cgroup;
}

/** Attaches the program, with no endpoint, to our own cgroup for a moment: everything that a rule will need. */
function tryOut(): Availability {
  const answer = (available: boolean, detail: string): Availability => ({ mechanism: "packets", available, detail });
  const cgroup = cgroupOf("self");
  if (typeof cgroup === "string") return answer(false, `${cgroup} (Linux ${release()})`);
  try {
    new SynFilter(cgroup.directory).close();
    return answer(true, `eBPF on packets of cgroup v2, Linux ${release()}`);
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    return answer(false, `${explain(error)} (Linux ${release()})`);
  }
}

function explain({ code, message }: SystemError): string {
  if (code === "EPERM" || code === "EACCES") return `${message}: eBPF on cgroups needs CAP_BPF and CAP_NET_ADMIN, or CAP_SYS_ADMIN`;
  if (code === "EINVAL" || code === "ENOSYS") return `${message}: it needs Linux 5.8 with CONFIG_CGROUP_BPF`;
  return message;
}

let tried: Availability | undefined;

export const packets: Mechanism = {
  name: "packets",

  probe() {
    return (tried ??= tryOut());
  },

  carries(rule, target) {
    if (rule.action.kind !== "delay") return `only delays, not ${rule.action.kind}`;
    if (rule.keyword !== "connect") return `only connect, not ${rule.keyword}`;
    const addresses = (rule.to ?? []).flatMap((end) => end.addresses);
    if (addresses.length === 0) return "the rule names no address to connect to";
    const foreign = addresses.find((address) => !isIPv4(address));
    if (foreign !== undefined) return `only IPv4, not ${foreign}`;
    const cgroup = ownCgroup(target);
    if (typeof cgroup === "string") return cgroup;
    const { available, detail } = packets.probe();
    return available || detail;
  },

  async arm(rule, target, _callers, report): Promise<Armed> {
    const cgroup = ownCgroup(target);
    if (rule.action.kind !== "delay" || typeof cgroup === "string") throw new Error(`packets can't carry rule ${rule.id}, ask it before`);
    const slowing: Slowing = { rule, ms: rule.action.ms, ends: endsOf(rule.to ?? []), report, fired: 0 };
    const there = slow(cgroup, rule);
    try {
      there.add(slowing);
    } catch (error) {
      lift(cgroup, there, slowing);
      throw notArmed(rule, error);
    }
    return Promise.resolve({
      processes: 0,
      counts(): RuleCounts {
        there.look();
        return { rule: rule.id, fired: slowing.fired, passed: {} };
      },
      close() {
        lift(cgroup, there, slowing);
        return Promise.resolve();
      },
    });
  },
};

function slow(cgroup: Cgroup, rule: Rule): SlowedCgroup {
  const known = slowed.get(cgroup.id);
  if (known !== undefined) return known;
  try {
    const there = new SlowedCgroup(cgroup.directory);
    slowed.set(cgroup.id, there);
    return there;
  } catch (error) {
    throw notArmed(rule, error);
  }
}

function lift(cgroup: Cgroup, there: SlowedCgroup, slowing: Slowing): void {
  there.remove(slowing);
  if (!there.empty || slowed.get(cgroup.id) !== there) return;
  slowed.delete(cgroup.id);
  there.close();
}

function notArmed(rule: Rule, error: unknown): unknown {
  if (!(error instanceof SystemError)) return error;
  const hint = "Look at `packets` in `./faultbook doctor`, which says what this machine lets eBPF do.";
  return new Problem("PACKETS_NOT_ARMED", "system", `${rule.service}: can't slow its connects: ${explain(error)}`, hint, { cause: error });
}
