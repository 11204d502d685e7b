/**
 * Waits until a service says that it is ready, by the check that it declares, dialling the container directly. It ends early
 * when the container does. Faults are none of its business: it runs before any is armed.
 */
import type { Healthcheck, Service } from "../../model/declaration.ts";
import { formatDuration } from "../../model/duration.ts";
import { Problem } from "../../model/problem.ts";
import { LAST_LINES, lastLines, serviceAbsent, serviceDied } from "./death.ts";
import type { Engine, Running } from "./engine.ts";
import { pause } from "./limit.ts";
import { httpAnswers, type Place, postgresAnswers, tcpAnswers } from "./ready.ts";

export interface Healthy {
  /** From the first question to the first good answer. */
  readonly ms: number;
  readonly tries: number;
}

const PAUSE_MS_MIN = 25;
const PAUSE_MS_MAX = 250;
/** One question's own limit: a service that accepts and then says nothing while it starts must be asked again. */
const TRY_MS = 2000;
/** The last question gets this much even where less is left, or its answer would always be that there was no time. */
const TRY_MS_MIN = 250;
/** How often the engine is asked whether the container still runs. */
const LOOK_MS = 200;

/** Problems: HEALTHCHECK_TIMEOUT, HEALTHCHECK_PORT, SERVICE_DIED. A service without a check is ready when its container runs. */
export async function waitHealthy(service: Service, running: Running, engine: Engine, signal: AbortSignal): Promise<Healthy> {
  const began_ms = performance.now();
  const check = service.healthcheck;
  if (check === undefined) {
    await stillRuns(service, engine);
    return { ms: performance.now() - began_ms, tries: 0 };
  }
  const at: Place = { address: addressOf(running), port: portOf(service, check) };
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  try {
    // Side by side, since a question to a container that is gone hangs in the network for seconds.
    const tries = await Promise.race([asked(service, check, at, engine, either), watched(service, engine, either)]);
    return { ms: performance.now() - began_ms, tries };
  } finally {
    stop.abort();
  }
}

/** Asks until the answer is good; how many times that was. */
async function asked(service: Service, check: Healthcheck, at: Place, engine: Engine, signal: AbortSignal): Promise<number> {
  const end_ms = performance.now() + check.timeout_ms;
  let pause_ms = PAUSE_MS_MIN;
  for (let tries = 1; ; tries++) {
    let last: string;
    try {
      await ask(service, check, at, Math.ceil(Math.max(TRY_MS_MIN, Math.min(TRY_MS, end_ms - performance.now()))), signal);
      return tries;
    } catch (error) {
      signal.throwIfAborted();
      last = error instanceof Error ? error.message : String(error);
    }
    const left_ms = end_ms - performance.now();
    if (left_ms <= 0) {
      await stillRuns(service, engine);
      throw await timedOut(service, check, at, tries, last, engine);
    }
    await pause(Math.min(pause_ms, Math.max(1, left_ms)), signal);
    pause_ms = Math.min(PAUSE_MS_MAX, pause_ms * 1.5);
  }
}

/** Rejects when the container no longer runs, or with the signal; resolves never. */
async function watched(service: Service, engine: Engine, signal: AbortSignal): Promise<never> {
  for (;;) {
    await pause(LOOK_MS, signal);
    await stillRuns(service, engine);
  }
}

async function ask(service: Service, check: Healthcheck, at: Place, ms: number, signal: AbortSignal): Promise<void> {
  switch (check.kind) {
    case "http":
      return httpAnswers(at, check.path, (status) => status >= 200 && status < 400, ms, signal);
    case "tcp":
      return tcpAnswers(at, ms, signal);
    case "ready":
      switch (service.interfaces[0]?.protocol) {
        case "postgres":
          return postgresAnswers(at, service.env["POSTGRES_USER"] ?? "postgres", ms, signal);
        case "http":
          return httpAnswers(at, "/", () => true, ms, signal);
        default:
          return tcpAnswers(at, ms, signal);
      }
  }
}

function addressOf(running: Running): string {
  const address = running.addresses[0];
  if (address !== undefined) return address;
  throw new Problem(
    "SERVICE_NO_ADDRESS",
    "system",
    `${running.service} has no IPv4 address in its network`,
    "See docker network inspect; an engine whose bridge networks have IPv6 alone can't be used yet.",
  );
}

function portOf(service: Service, check: Healthcheck): number {
  const declared = check.kind === "ready" ? undefined : check.port;
  const port = declared ?? service.interfaces[0]?.port;
  if (port !== undefined) return port;
  throw new Problem(
    "HEALTHCHECK_PORT",
    "spec",
    `the health check of ${service.name} has no port: the service declares no interface`,
    'Declare one, such as interface("http", "http", 8080), or give the check a port.',
  );
}

async function stillRuns(service: Service, engine: Engine): Promise<void> {
  const state = await engine.state(service.name);
  switch (state.state) {
    case "running":
      return;
    case "exited":
      throw serviceDied(service.name, state, await engine.tail(service.name, LAST_LINES), "while it started");
    case "absent":
      throw serviceAbsent(service.name);
  }
}

async function timedOut(service: Service, check: Healthcheck, at: Place, tries: number, last: string, engine: Engine): Promise<Problem> {
  const lines = await engine.tail(service.name, LAST_LINES);
  return new Problem(
    "HEALTHCHECK_TIMEOUT",
    "system",
    `${service.name} was not ready within ${formatDuration(check.timeout_ms)}: ${described(check)} at ${at.address}:${at.port} ` +
      `was asked ${tries} times, the last answer was: ${last}${lastLines(lines)}`,
    "Its container runs. Does it listen on 0.0.0.0 and on this port, is the path right, does it need a longer timeout= ?",
  );
}

function described(check: Healthcheck): string {
  switch (check.kind) {
    case "http":
      return `http("${check.path}")`;
    case "tcp":
      return "tcp()";
    case "ready":
      return "ready()";
  }
}
