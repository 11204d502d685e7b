/** Performs the effects of one run: probes services, shows the run its own part of the record, sleeps. */
import { setTimeout } from "node:timers/promises";
import type { Response } from "../../model/declaration.ts";
import { Problem } from "../../model/problem.ts";
import type { Progress } from "../engines/engine.ts";
import { probes } from "../probes/probe.ts";
import type { Effect } from "../spec/effects.ts";
import type { Perform } from "./driver.ts";
import { now_ms } from "./clock.ts";
import type { World } from "./world.ts";

/** What the effects of a run refer to. */
export interface RunScope {
  /** Where the run's part of the record begins, and when. Both move on while services that the run needs are being started. */
  from_seq: number;
  since_ms: number;
  began_ms: number;
  /** Where it ends for whom asks: a monitor sees up to the event it looks at. */
  upTo_seq?: number;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/** A run that begins now. */
export function beginning(world: World): Pick<RunScope, "from_seq" | "since_ms" | "began_ms"> {
  const now = now_ms();
  return { from_seq: world.history.length + 1, since_ms: now, began_ms: now };
}

export function performer(world: World, scope: RunScope): Perform {
  return async (effect) => {
    switch (effect.kind) {
      case "probe":
        return probe(world, scope, effect);
      case "window":
        if (scope.upTo_seq === undefined) await settled(world, scope.signal);
        return world.history.events({ from: scope.from_seq, to: scope.upTo_seq ?? world.history.length, since_ms: scope.since_ms });
      case "sleep":
        await setTimeout(effect.ms, undefined, { signal: scope.signal });
        return null;
    }
  };
}

async function probe(world: World, scope: RunScope, effect: Extract<Effect, { kind: "probe" }>): Promise<Response> {
  const { service, method } = effect;
  const protocol = effect.interface.protocol;
  const speaker = probes.get(protocol);
  if (speaker === undefined)
    throw new Problem("NO_PROBE", "spec", `nothing here speaks ${protocol}`, `Probes: ${[...probes.keys()].join(", ")}.`);
  if (!world.services.ready([service])) {
    const first = !world.history.events({ from: scope.from_seq, to: world.history.length }).some((event) => event.type === "step_send");
    await world.services.ensure([service], scope.progress, scope.signal);
    if (first) Object.assign(scope, beginning(world));
  }
  const fields = {
    target: service,
    interface: effect.interface.name,
    protocol,
    method,
    summary: speaker.summary(method, effect.args),
  };
  const [address] = world.services.running(service).addresses;
  if (address === undefined)
    throw new Problem("NO_ADDRESS", "system", `${service} has no address on its network`, "See whether its container runs: docker ps.");
  world.record({ time_ms: now_ms(), service: "test", type: "step_send", fields });
  const response = await speaker.call(method, effect.args, { address, port: effect.interface.port }, scope.signal);
  world.record({
    time_ms: now_ms(),
    service: "test",
    type: "step_recv",
    fields: {
      ...fields,
      status: String(response.status),
      outcome: response.outcome,
      duration_ms: String(Math.round(response.duration_ms)),
      error: response.error,
    },
    data: { status: response.status, body: world.secrets.mask(response.body).slice(0, BODY_MAX), error: response.error },
  });
  return response;
}

/** Waits until what has happened so far is in the record: lines that services wrote, and calls that a rule acted on. */
async function settled(world: World, signal: AbortSignal): Promise<void> {
  await world.services.caughtUp(signal);
  const injector = await world.livingInjector();
  // Reports are written before the reply to any order that is served after them.
  await injector?.order<"disarm">({ order: "disarm", rules: [] });
}

/** Of a body, this much goes into the record. */
const BODY_MAX = 2048;
