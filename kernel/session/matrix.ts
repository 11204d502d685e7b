/**
 * Runs a fault matrix on the live topology, in three parts:
 *
 *   1. baselines   each scenario without a fault; one that fails here makes its row "not run"
 *   2. cells       fault by fault; those that killed a service in an earlier run come last
 *   3. recovery    after each cell: the scenario again until it is as well as in its baseline
 */
import { broken } from "../analysis/answer.ts";
import type { Answer } from "../analysis/answer.ts";
import type { CellRecord, MatrixRecord } from "../../model/verdict.ts";
import type { FaultAssumption, Matrix, Monitor, Scenario } from "../spec/declarations.ts";
import { pairKey } from "../spec/declarations.ts";
import { problemOf } from "./errors.ts";
import { recover } from "./recovery.ts";
import { run } from "./run.ts";
import type { Setting } from "./run.ts";
import { now_ms } from "./world.ts";

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
    for (const scenario of matrix.scenarios) {
      begin(scenario);
      const { cell, answer } = await baseline(setting, scenario, watching(matrix));
      cells.push(cell);
      if (cell.verdict === "passed") baselines.set(scenario.name, answer);
    }
    for (const fault of killersLast(matrix.faults, setting.world.killers)) {
      for (const scenario of matrix.scenarios) {
        if (matrix.excluded.some(([row, column]) => row === scenario.name && column === fault.name)) continue;
        const well = baselines.get(scenario.name);
        begin(scenario, fault);
        cells.push(well === undefined ? notRun(scenario, fault, cells) : await cell(setting, matrix, scenario, fault, well));
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
  return [...new Map(all.map((monitor) => [monitor.name, monitor])).values()];
}

async function baseline(setting: Setting, scenario: Scenario, monitors: readonly Monitor[]): Promise<{ cell: CellRecord; answer: Answer }> {
  const { record, answer } = await run(setting, { scenario, monitors, requireFire: false });
  const why = record.verdict === "passed" ? broken(answer) : undefined;
  return { answer, cell: why === undefined ? record : { ...record, verdict: "failed", reason: `fails without a fault: ${why}` } };
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
    const { record, lifted_ms } = await run(setting, plan);
    const recovery = await recover(setting, scenario, well, lifted_ms);
    if (recovery.outcome === "needs a restart") setting.world.killers.add(fault.name);
    return { ...record, recovery };
  } catch (error) {
    const problem = problemOf(error);
    if (problem === undefined || problem.blame === "spec" || HOPELESS.has(problem.code)) throw error;
    return undone(scenario, fault, "errored", `${problem.code}: ${problem.message}`);
  }
}

function notRun(scenario: Scenario, fault: FaultAssumption, cells: readonly CellRecord[]): CellRecord {
  const own = cells.find((one) => one.scenario === scenario.name && one.fault === undefined);
  return undone(scenario, fault, "not run", `${scenario.name} ${own?.reason ?? "has no baseline"}`);
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
