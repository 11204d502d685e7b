/**
 * One run of one scenario, with or without a fault, from first to last:
 *
 *   services up → fault armed → scenario → fault lifted, sources caught up → monitors → expectation → verdict
 *                 └────────────── the run's window of the record ──────────┘
 *
 * The scenario's time starts after arming, so nobody pays for our attaching. The expectation is asked after lifting.
 */
import { alike, broken, describeAnswer } from "../analysis/answer.ts";
import type { Answer } from "../analysis/answer.ts";
import { heldNote, hitsOf } from "../analysis/hits.ts";
import { judge } from "../analysis/judge.ts";
import type { Findings } from "../analysis/judge.ts";
import type { Step } from "../analysis/path.ts";
import { place } from "../analysis/placement.ts";
import { bypassed } from "../analysis/vacuity.ts";
import type { Json } from "../../model/json.ts";
import { Problem } from "../../model/problem.ts";
import type { CellRecord, RuleHits } from "../../model/verdict.ts";
import type { Progress } from "../engines/engine.ts";
import { Cancelled, repr, StarlarkError, toJson } from "../language/index.ts";
import type { Thread, Value } from "../language/index.ts";
import { AssertionFailed } from "../spec/assertions.ts";
import type { Callable } from "../spec/callable.ts";
import type { FaultAssumption, Monitor, Scenario } from "../spec/declarations.ts";
import type { FieldKnown } from "../spec/event.ts";
import { ResponseValue } from "../spec/response.ts";
import { arm, standing } from "./arming.ts";
import type { ArmedFault } from "./arming.ts";
import { drive } from "./driver.ts";
import { explain, explainWithPlace, problemOf } from "./errors.ts";
import { watch } from "./monitors.ts";
import { beginning, performer } from "./perform.ts";
import type { RunScope } from "./perform.ts";
import { now_ms } from "./clock.ts";
import type { World } from "./world.ts";

/** What every run of a cell shares. */
export interface Setting {
  readonly world: World;
  readonly thread: Thread;
  readonly signal: AbortSignal;
  readonly progress: Progress;
  readonly known: FieldKnown;
}

export interface Plan {
  readonly scenario: Scenario;
  readonly fault?: FaultAssumption;
  readonly monitors: readonly Monitor[];
  readonly expect?: Callable;
  readonly requireFire: boolean;
  /** What the scenario answers when nothing is broken. */
  readonly baseline?: Answer;
}

export interface RunResult {
  readonly record: CellRecord;
  readonly answer: Answer;
  /** When the fault was lifted: recovery is counted from here. */
  readonly lifted_ms: number;
  /** Monitors that had nothing to look at. */
  readonly idle: readonly Monitor[];
}

export async function run(setting: Setting, plan: Plan): Promise<RunResult> {
  const { world, signal } = setting;
  const placed = plan.fault === undefined ? [] : place(plan.fault, [...world.declarations.services.values()]);
  const involved = [plan.fault?.target ?? [], placed.map((rule) => [rule.service, ...(rule.to ?? [])])].flat(2);
  await world.services.ensure(involved, setting.progress, signal);

  const scope: RunScope = { ...beginning(world), signal, progress: setting.progress };
  const armed = placed.length === 0 ? undefined : await arm(world, placed);
  scope.began_ms = now_ms();
  const perform = performer(world, scope);
  let acted: Acted;
  let ended_ms: number;
  let lifted_ms: number;
  const findings: { -readonly [K in keyof Findings]: Findings[K] } = { violations: [], broken: [] };
  let hits: readonly RuleHits[] = [];
  try {
    acted = await act(setting, plan.scenario, perform);
  } finally {
    ended_ms = now_ms();
    if (!signal.aborted) await world.services.look(); // a death belongs to the run that it happened in
    const sources = world.services.caughtUp(signal); // meanwhile: what the scenario made services write has been written
    sources.catch(() => undefined);
    if (armed !== undefined) hits = await lift(world, plan, armed, { from_seq: scope.from_seq, ended_ms }, findings);
    lifted_ms = now_ms();
    await sources;
  }
  const to_seq = world.history.length;

  if (acted.raised !== undefined) findings.raised = acted.raised;
  if (acted.asserted !== undefined) findings.asserted = acted.asserted;
  const watched = await watch(
    world,
    [...plan.monitors, ...(plan.fault?.monitors ?? [])],
    world.history.events({ from: scope.from_seq, to: to_seq, since_ms: scope.since_ms }),
    setting.thread,
    scope,
    perform,
    setting.known,
  );
  findings.violations = watched.violations;
  findings.broken = watched.broken;
  const notes = [...(armed === undefined ? [] : armedNotes(world, armed, scope)), ...baselineNotes(plan)];
  if (plan.expect !== undefined && acted.value !== undefined) {
    scope.upTo_seq = to_seq;
    const said = await expectation(setting, plan.expect, acted.value, perform);
    if (said.violated !== undefined) findings.expectation = said.violated;
    if (said.broken !== undefined) findings.broken = [...findings.broken, said.broken];
    if (said.falsy) notes.push("its expectation returned False, which decides nothing: use assert_true(…)");
  }
  if (plan.fault !== undefined && [...plan.fault.calls.keys()].some((keyword) => !placed.some((rule) => rule.keyword === keyword))) {
    findings.bypassed = `nobody connects to ${plan.fault.target}, as declared`;
  }
  if (!plan.requireFire) delete findings.bypassed;
  const why = plan.fault === undefined && findings.raised === undefined ? broken(acted.answer) : undefined;
  if (why !== undefined) findings.asserted ??= `fails without a fault: ${why}`;
  const fired = hits.some((hit) => hit.fired > 0);
  const judgement = judge(findings);
  return {
    answer: acted.answer,
    lifted_ms,
    idle: watched.idle,
    record: world.masked({
      scenario: plan.scenario.name,
      ...(plan.fault === undefined ? {} : { fault: plan.fault.name }),
      ...judgement,
      tolerated: judgement.verdict === "passed" && fired && plan.baseline !== undefined && alike(acted.answer, plan.baseline),
      duration_ms: ended_ms - scope.began_ms,
      answer: describeAnswer(world.masked(acted.answer)),
      hits,
      notes,
      window: { from_seq: scope.from_seq, to_seq: world.history.length, since_ms: scope.since_ms, began_ms: scope.began_ms, ended_ms },
    }),
  };
}

/** What must be said of how the fault was made true, for whoever reads its verdict. */
function armedNotes(world: World, armed: ArmedFault, scope: RunScope): readonly string[] {
  const held = armed.rules.flatMap((rule) => heldNote(rule, armed.calls) ?? []);
  const slow = armed.rules.filter((rule) => rule.keyword === "connect" && rule.action.kind === "delay");
  const rules = armed.armed.flatMap(({ rule, mechanism, passed_over, reset_failed }) => [
    ...(reset_failed === "" ? [] : [`not every standing connection could be reset: ${reset_failed}`]),
    ...(mechanism === "notify" && slow.some((one) => one.id === rule)
      ? [`connects were held in their threads: ${passed_over.join("; ")}`]
      : []),
  ]);
  const window = { from: scope.from_seq, to: world.history.length, since_ms: scope.since_ms };
  const notices = world.history.events(window).flatMap((event) => (event.type === "notice" ? [event.fields["message"] ?? ""] : []));
  return [...held, ...new Set([...rules, ...notices])];
}

/** A baseline that answers an error is one, and what is measured against it means less. */
function baselineNotes({ baseline }: Plan): readonly string[] {
  return baseline?.kind === "response" && baseline.status >= 400 ? [`without the fault it answers ${baseline.status} too`] : [];
}

interface Acted {
  readonly answer: Answer;
  /** Absent when the scenario raised. */
  readonly value?: Value;
  readonly raised?: string;
  readonly asserted?: string;
}

/** Runs the scenario's function. What it raises is an answer too; only an interrupt and faults of our own go on up. */
export async function act(setting: Setting, scenario: Scenario, perform: ReturnType<typeof performer>): Promise<Acted> {
  try {
    const value = await drive(setting.thread.call(scenario.run, []), perform, setting.signal);
    return { value, answer: answerOf(value) };
  } catch (error) {
    // A service that can't be started, Docker gone, or a wrong argument is not an answer of the system under test.
    if (!(error instanceof StarlarkError) || problemOf(error) !== undefined) throw error;
    const answer: Answer = { kind: "raised", message: explain(error) };
    const said = explainWithPlace(error);
    return error.cause instanceof AssertionFailed || error.failed !== undefined ? { answer, asserted: said } : { answer, raised: said };
  }
}

function answerOf(value: Value): Answer {
  if (value instanceof ResponseValue) {
    const { status, data, error, body } = value.response;
    return { kind: "response", status, data, error, body };
  }
  return { kind: "value", text: repr(value), data: dataOf(value) };
}

/** A value as JSON, to be compared; its text where it is none. */
function dataOf(value: Value): Json {
  try {
    return toJson(value);
  } catch {
    return repr(value);
  }
}

/** Lifts the fault and says what it did. Lifting happens whatever the scenario did, an interrupt included. */
async function lift(
  world: World,
  plan: Plan,
  armed: ArmedFault,
  window: { readonly from_seq: number; readonly ended_ms: number },
  findings: { bypassed?: string | undefined; impaired?: string | undefined },
): Promise<readonly RuleHits[]> {
  try {
    // Asked before lifting, and never in its way: the caller may have died under the fault.
    const connections = await Promise.all(armed.rules.map((rule) => standing(world, rule).catch(() => 0)));
    const counts = await armed.lift();
    const steps = scenarioSteps(world, window.from_seq, window.ended_ms);
    const hits = armed.rules.map((rule) => {
      const carried = armed.armed.find((one) => one.rule === rule.id);
      const passed = counts.find((one) => one.rule === rule.id)?.passed ?? {};
      return hitsOf(rule, armed.calls, steps, { mechanism: carried?.mechanism ?? "", reset: carried?.reset ?? 0 }, passed);
    });
    const around = armed.rules.flatMap((rule, i) => {
      const own = hits[i];
      return own === undefined
        ? []
        : [{ hits: own, to: [...new Set(rule.to?.map((end) => end.service))], connections: connections[i] ?? 0 }];
    });
    const why = bypassed(around);
    if (why !== undefined) findings.bypassed = why;
    return hits;
  } catch (error) {
    if (error instanceof Problem && error.code === "INJECTOR_DIED") {
      findings.impaired = error.message;
      return [];
    }
    throw error;
  }
}

/** From the scenario's first request to its end: in between, what a caller's process does may be the scenario's doing. */
function scenarioSteps(world: World, from_seq: number, ended_ms: number): readonly Step[] {
  for (let seq = from_seq; seq <= world.history.length; seq++) {
    const event = world.history.at(seq);
    if (event.type === "step_send") return [{ from_ms: event.time_ms, to_ms: ended_ms }];
  }
  return [];
}

async function expectation(
  setting: Setting,
  expect: Callable,
  value: Value,
  perform: ReturnType<typeof performer>,
): Promise<{ readonly violated?: string; readonly broken?: string; readonly falsy: boolean }> {
  try {
    const said = await drive(setting.thread.call(expect, [value]), perform, setting.signal);
    return { falsy: said === false };
  } catch (error) {
    if (error instanceof Cancelled || !(error instanceof StarlarkError)) throw error;
    if (error.cause instanceof AssertionFailed || error.failed !== undefined) return { violated: explainWithPlace(error), falsy: false };
    return { broken: `the expectation raised: ${explainWithPlace(error)}`, falsy: false };
  }
}
