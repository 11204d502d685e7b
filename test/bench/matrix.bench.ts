/**
 * What a matrix cell costs beyond its scenario's own time, on the live shop: arming, lifting, the record, the verdict and the
 * recovery's bookkeeping. Beside it, in the same run, what it costs to restart the api instead, as batch tools do for each cell.
 * Budget: 20 ms a cell.
 */
import { execFileSync } from "node:child_process";
import { performance } from "node:perf_hooks";
import { Belongings } from "../session/support/docker.ts";
import { errorText, matricesOf, SessionProcess } from "../session/support/session.ts";

const FAULTS = 20;
const ROUNDS = 3;

const session = new SessionProcess();
try {
  await session.run(`
load("../services/shop/topology.star", "api", "db")
def alive():
    return api.get(path = "/health")
many = [fault_assumption("f%d" % i, target = db, connect = deny("ECONNREFUSED")) for i in range(${FAULTS})]
scenario(alive)`);
  const perCell: number[] = [];
  const own: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now();
    const ran = await session.run("fault_matrix(scenarios = [alive], faults = many)");
    const took = performance.now() - began;
    const [matrix] = matricesOf(ran);
    if (matrix === undefined) throw new Error(errorText(ran));
    const scenario = median(matrix.cells.map((cell) => cell.duration_ms));
    // Each cell runs the scenario twice: under the fault, and as recovery.
    perCell.push((took - scenario * (2 * FAULTS + 1)) / FAULTS);
    own.push(scenario);
  }
  const restarts: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const api = new Belongings(session.child.pid).container("api");
    const began = performance.now();
    execFileSync("docker", ["restart", "-t", "2", api], { stdio: "ignore" });
    restarts.push(performance.now() - began);
  }
  const cell = median(perCell);
  const restart = median(restarts);
  console.log(
    `a matrix cell beyond its scenario: ${cell.toFixed(1)} ms (budget 20), of ${ROUNDS} matrices of ${FAULTS} cells, the picture included`,
  );
  console.log(`the scenario itself: ${median(own).toFixed(1)} ms`);
  console.log(`restarting the api instead: ${restart.toFixed(0)} ms, ${(restart / cell).toFixed(0)} times a cell`);
} finally {
  await session.end();
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
