/**
 * Runs a fault matrix on the live topology, in three parts:
 *
 *   1. baselines   each scenario without a fault; one that fails here makes its row "not run"
 *   2. cells       fault by fault; those that killed a service in an earlier run come last
 *   3. recovery    after each cell: the scenario again until it is as well as in its baseline
 */
import type { Answer } from "../analysis/answer.ts";
import type { CellRecord, MatrixRecord, Recovery } from "../../model/verdict.ts";
import type { FaultAssumption, Matrix, Monitor, Scenario } from "../spec/declarations.ts";
import { pairKey } from "../spec/declarations.ts";
import { problemOf } from "./errors.ts";
import { recover } from "./recovery.ts";
import { run } from "./run.ts";
import type { Plan, RunResult, Setting } from "./run.ts";
import { now_ms } from "./clock.ts";

/** Shows the matrix as it stands. */
export type Show = (record: MatrixRecord) => void;

/** Errors after which no other cell could do better: the matrix ends with them. */
const HOPELESS = new Set(["NOT_PERMITTED", "NO_SECCOMP", "DOCKER_ABSENT", "DOCKER_STOPPED", "DOCKER_FORBIDDEN"]);

export async function runMatrix(setting: Setting, matrix: Matrix, show: Show): Promise<MatrixRecord> {
  const cells: CellRecord[] = [];
  let running: MatrixRecord["running"];
  const record = (state: MatrixRecord["state"]): MatrixRecord => ({
    ...(running === undefined || state !== "running" ? {} : { running }),
    name: matrix.name,
    scenarios: matrix.scenarios.map((scenario) => scenario.name),
    faults: matrix.faults.map((fault) => fault.name),
    excluded: matrix.excluded,
    cells: [...cells],
    services: setting.world.services.started(),
    state,
  });
  const begin = (scenario: Scenario, fault?: FaultAssumption): void => {
    running = { scenario: scenario.name, ...(fault === undefined ? {} : { fault: fault.name }) };
    show(record("running"));
  };
  try {
    const baselines = new Map<string, Answer>();
    const monitors = watching(matrix);
    /** Monitors that saw an event in some baseline. */
    const awake = new Set<Monitor>();
    /** Why nothing more can be learnt: the system is no longer what the baselines were measured on. */
    let unwell: string | undefined;
    for (const scenario of matrix.scenarios) {
      begin(scenario);
      const { record: cell, answer, idle } = await run(setting, { scenario, monitors, requireFire: false });
      cells.push(cell);
      if (cell.verdict === "passed") baselines.set(scenario.name, answer);
      for (const monitor of monitors) if (!idle.includes(monitor)) awake.add(monitor);
    }
    noteIdle(
      cells,
      monitors.filter((monitor) => !awake.has(monitor)),
    );
    for (const fault of killersLast(matrix.faults, setting.world.killers)) {
      for (const scenario of matrix.scenarios) {
        if (matrix.excluded.some(([row, column]) => row === scenario.name && column === fault.name)) continue;
        begin(scenario, fault);
        const well = baselines.get(scenario.name);
        if (well === undefined) cells.push(notRun(scenario, fault, cells));
        else if (unwell !== undefined) cells.push(undone(scenario, fault, "not run", unwell));
        else {
          const done = await cell(setting, matrix, scenario, fault, well);
          cells.push(done);
          unwell = await leftUnwell(setting, scenario, well, done);
        }
      }
    }
  } catch (error) {
    show(record("interrupted"));
    throw error;
  }
  return record("complete");
}

function killersLast(faults: readonly FaultAssumption[], killers: ReadonlySet<string>): readonly FaultAssumption[] {
  return [...faults.filter((fault) => !killers.has(fault.name)), ...faults.filter((fault) => killers.has(fault.name))];
}

/** Every monitor that watches some cell watches the baselines too: an invariant broken without a fault is no finding of the fault. */
function watching(matrix: Matrix): readonly Monitor[] {
  const all = [...matrix.monitors, ...matrix.faults.flatMap((fault) => fault.monitors)];
  return [...new Set(all)];
}

/** A monitor that sees nothing even when all is well watches the wrong thing: the first baseline says so. */
function noteIdle(cells: CellRecord[], idle: readonly Monitor[]): void {
  const [first] = cells;
  if (first === undefined || idle.length === 0) return;
  cells[0] = { ...first, notes: [...first.notes, ...idle.map(({ name }) => `monitor ${name} watched 0 events, also without faults`)] };
}

async function cell(setting: Setting, matrix: Matrix, scenario: Scenario, fault: FaultAssumption, well: Answer): Promise<CellRecord> {
  const expect = matrix.overrides.get(pairKey(scenario.name, fault.name)) ?? matrix.defaultExpect;
  const plan = {
    scenario,
    fault,
    monitors: matrix.monitors,
    requireFire: matrix.requireFaultsFire,
    baseline: well,
    ...(expect === undefined ? {} : { expect }),
  };
  try {
    // One that died after the recovery before would be blamed on this fault.
    const before = (await setting.world.services.revive(setting.progress, setting.signal)).map(
      (died) => `${died} before this run; it was restarted`,
    );
    const { result, notes } = await runAgain(setting, plan, well);
    const recovery = await recoverOr(setting, scenario, well, result.lifted_ms);
    if (recovery.outcome === "needs a restart") setting.world.killers.add(fault.name);
    return { ...result.record, notes: [...before, ...notes, ...result.record.notes], recovery };
  } catch (error) {
    const problem = problemOf(error);
    if (problem === undefined || problem.blame === "spec" || HOPELESS.has(problem.code)) throw error;
    return undone(scenario, fault, "errored", `${problem.code}: ${problem.message}`);
  }
}

/** The run; and where the filter of an injector that died is in the way, once more after the services under it were restarted. */
async function runAgain(setting: Setting, plan: Plan, well: Answer): Promise<{ result: RunResult; notes: readonly string[] }> {
  try {
    return { result: await run(setting, plan), notes: [] };
  } catch (error) {
    if (problemOf(error)?.code !== "LISTENER_TAKEN") throw error;
  }
  const { services } = setting.world;
  for (const name of services.started()) await services.restart(name, setting.progress, setting.signal);
  await recover(setting, plan.scenario, well, now_ms()); // nobody's first request after a restart is this run's
  const notes = ["the services were restarted first: the filter of an injector that had died was in the way"];
  return { result: await run(setting, plan), notes };
}

/** What the run found stands, also when the system can't be brought back. */
async function recoverOr(setting: Setting, scenario: Scenario, well: Answer, lifted_ms: number): Promise<Recovery> {
  try {
    return await recover(setting, scenario, well, lifted_ms);
  } catch (error) {
    const problem = problemOf(error);
    if (problem === undefined || problem.blame === "spec") throw error;
    return { outcome: "not recovered", ms: now_ms() - lifted_ms, detail: `${problem.code}: ${problem.message}` };
  }
}

/** After a cell that the system did not recover from: everything is restarted, and the reason given where that did not help either. */
async function leftUnwell(setting: Setting, scenario: Scenario, well: Answer, done: CellRecord): Promise<string | undefined> {
  if (done.recovery?.outcome !== "not recovered") return undefined;
  const { services } = setting.world;
  try {
    for (const name of services.started()) await services.restart(name, setting.progress, setting.signal);
    const { outcome } = await recover(setting, scenario, well, now_ms());
    if (outcome !== "not recovered") return undefined;
  } catch (error) {
    if (problemOf(error) === undefined || setting.signal.aborted) throw error;
  }
  return `the system was not well again after ${pairKey(done.scenario, done.fault ?? "baseline")}, nor by a restart`;
}

function notRun(scenario: Scenario, fault: FaultAssumption, cells: readonly CellRecord[]): CellRecord {
  const own = cells.find((one) => one.scenario === scenario.name && one.fault === undefined);
  return undone(scenario, fault, "not run", `the baseline of ${scenario.name}: ${own?.reason ?? "none"}`);
}

function undone(scenario: Scenario, fault: FaultAssumption, verdict: "errored" | "not run", reason: string): CellRecord {
  const at_ms = now_ms();
  return {
    scenario: scenario.name,
    fault: fault.name,
    verdict,
    reason,
    tolerated: false,
    duration_ms: 0,
    answer: "",
    hits: [],
    notes: [],
    window: { from_seq: 1, to_seq: 0, since_ms: at_ms, began_ms: at_ms, ended_ms: at_ms },
  };
}
