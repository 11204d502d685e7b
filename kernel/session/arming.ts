/** From placed rules to rules at work: looks up processes and addresses, orders the injector, and collects what they did. */
import type { ArmedRule, CallReport, RuleCounts } from "../../injector/messages.ts";
import { errnoText } from "../../model/errno.ts";
import { describeAction } from "../../model/rule.ts";
import type { Endpoint, Rule } from "../../model/rule.ts";
import type { Placed } from "../analysis/placement.ts";
import { now_ms } from "./clock.ts";
import type { World } from "./world.ts";

export interface ArmedFault {
  readonly rules: readonly Rule[];
  readonly armed: readonly ArmedRule[];
  readonly calls: readonly CallReport[];
  /** Lifts the rules; by then every call that they acted on is in `calls`. */
  lift(): Promise<readonly RuleCounts[]>;
}

let armings = 0;

/** Arms all of these or throws. All services that they name must run. */
export async function arm(world: World, placed: readonly Placed[]): Promise<ArmedFault> {
  const number = ++armings;
  const rules = placed.map((one, i) => ruleOf(world, one, `${number}.${i}`));
  const calls: CallReport[] = [];
  world.onCall = (call) => {
    calls.push(call);
    recordCall(world, call, rules);
  };
  const injector = await world.injector();
  const order = async (): Promise<readonly ArmedRule[]> => {
    const targets = [...new Set(rules.map((rule) => rule.service))].map((name) => target(world, name));
    const { armed } = await injector.order<"arm">({ order: "arm", rules, targets, callers: await callers(world) });
    return armed;
  };
  const armed = await order().catch(async (error: unknown) => {
    world.onCall = undefined;
    // Orders are served one after the other: whatever that one still armed is taken back.
    await injector.order<"disarm">({ order: "disarm", rules: rules.map((rule) => rule.id) }).catch(() => undefined);
    throw error;
  });
  for (const rule of rules) recordRule(world, "fault_applied", rule, armed);
  for (const one of armed.filter((one) => one.reset > 0)) recordReset(world, rules, one);
  let lifted: Promise<readonly RuleCounts[]> | undefined;
  const lift = async (): Promise<readonly RuleCounts[]> => {
    try {
      const { counts } = await injector.order<"disarm">({ order: "disarm", rules: rules.map((rule) => rule.id) });
      return counts;
    } finally {
      world.onCall = undefined;
      for (const rule of rules) recordRule(world, "fault_removed", rule, armed);
    }
  };
  return { rules, armed, calls, lift: () => (lifted ??= lift()) };
}

/** Established connections of a rule's service to the ends that it names, now. */
export async function standing(world: World, rule: Rule): Promise<number> {
  const injector = await world.livingInjector();
  if (injector === undefined || rule.to === undefined) return 0;
  const { connections } = await injector.order<"connections">({ order: "connections", target: target(world, rule.service), to: rule.to });
  return connections.length;
}

function target(world: World, service: string): { service: string; pid: number; addresses: readonly string[] } {
  const { pid, addresses } = world.services.running(service);
  return { service, pid, addresses };
}

async function callers(world: World): Promise<readonly { service: string; addresses: readonly string[]; pid?: number }[]> {
  const engine = await world.engine();
  return [...world.services.started().map((name) => target(world, name)), { service: "test", addresses: [await engine.gateway()] }];
}

function ruleOf(world: World, placed: Placed, id: string): Rule {
  const { fault, service, keyword, action, to } = placed;
  const ends = to?.flatMap((name): readonly Endpoint[] => {
    const { addresses } = world.services.running(name);
    return world.services.declared(name).interfaces.map(({ port }) => ({ service: name, addresses, port }));
  });
  return { id, fault, service, keyword, action, established: "reset", ...(ends === undefined ? {} : { to: ends }) };
}

function recordRule(world: World, type: "fault_applied" | "fault_removed", rule: Rule, armed: readonly ArmedRule[]): void {
  world.record({
    time_ms: now_ms(),
    service: rule.service,
    type,
    fields: {
      fault: rule.fault,
      rule: rule.id,
      keyword: rule.keyword,
      action: describeAction(rule.action),
      mechanism: armed.find((one) => one.rule === rule.id)?.mechanism ?? "",
      ...(rule.to === undefined ? {} : { target: [...new Set(rule.to.map((end) => end.service))].join(", ") }),
    },
  });
}

function recordReset(world: World, rules: readonly Rule[], armed: ArmedRule): void {
  const rule = rules.find((one) => one.id === armed.rule);
  if (rule === undefined) return;
  world.record({
    time_ms: now_ms(),
    service: rule.service,
    type: "reset",
    fields: { fault: rule.fault, target: [...new Set(rule.to?.map((end) => end.service))].join(", "), connections: String(armed.reset) },
  });
}

function recordCall(world: World, call: CallReport, rules: readonly Rule[]): void {
  const rule = rules.find((one) => one.id === call.rule);
  if (rule === undefined) return;
  world.record({
    time_ms: call.time_ms,
    service: call.service,
    type: "syscall",
    fields: {
      syscall: call.syscall,
      keyword: rule.keyword,
      decision: rule.action.kind === "deny" ? `deny(${errnoText(rule.action.errno)})` : describeAction(rule.action),
      errno: rule.action.kind === "deny" ? rule.action.errno : "",
      fault: rule.fault,
      rule: rule.id,
      ...(call.to === undefined ? {} : { target: call.to.service, address: `${call.to.address}:${call.to.port}` }),
      ...(call.process === undefined ? {} : { pid: String(call.process.pid), process: call.process.title }),
      ...(call.path === undefined ? {} : { path: call.path }),
      ...(call.process === undefined ? {} : { scenario_path: call.serving.length > 0 ? "yes" : "no" }),
      ...(call.held_connections === undefined ? {} : { held: `the thread that serves ${call.held_connections} connections` }),
      ...(call.dropped === undefined ? {} : { dropped: String(call.dropped) }),
      ...(call.ended_ms === undefined ? {} : { passed_ms: String(Math.round(call.ended_ms - call.time_ms)) }),
      mechanism: call.process === undefined ? "packets" : "notify",
    },
  });
}
