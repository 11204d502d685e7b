/**
 * How long a kernel takes to its first kernel_info reply, and an empty cell from request to idle, beside ipykernel in the same
 * run and in turn with it, over ZeroMQ without a server between. Budgets: 0.6 and 0.4 of ipykernel's medians.
 *
 *     node test/bench/jupyter.bench.ts [STARTS] [CELLS]
 */
import { execFileSync } from "node:child_process";
import { existsSync, globSync, statSync } from "node:fs";
import { join } from "node:path";
import { pythonProgram } from "../support/python.ts";

const ROOT = join(import.meta.dirname, "../..");
const MAIN = join(ROOT, "out/js/kernel/jupyter/main.js");
const ROWS = {
  start: "start to kernel_info",
  start_by_default: "the same, client retrying every 100 ms",
  cell: "empty cell to idle",
} as const;

const [starts = "11", cells = "200"] = process.argv.slice(2);
if (isStale()) {
  console.error("compiling");
  execFileSync(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.build.json"], {
    cwd: ROOT,
    stdio: "inherit",
  });
}
const python = pythonProgram("python");
const kernels = {
  faultbook: [process.execPath, MAIN, "{connection_file}"],
  ipykernel: [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
};
const args = Object.entries(kernels).map(([name, argv]) => `${name}=${JSON.stringify(argv)}`);
const output = execFileSync(python, [join(import.meta.dirname, "jupyter.py"), starts, cells, ...args], {
  encoding: "utf8",
  timeout: 600_000,
});
const times: unknown = JSON.parse(output);

console.log(`${"".padEnd(40)}  faultbook min/median/p95      ipykernel min/median/p95      ratio of medians`);
for (const [key, title] of Object.entries(ROWS)) {
  const [ours, theirs] = [samples("faultbook", key), samples("ipykernel", key)];
  console.log(`${title.padEnd(40)}  ${spread(ours)}  ${spread(theirs)}  ${(at(ours, 0.5) / at(theirs, 0.5)).toFixed(2)}`);
}

/** Sorted, in milliseconds. */
function samples(kernel: string, key: string): number[] {
  const ofKernel: unknown =
    typeof times === "object" && times !== null ? Object.entries(times).find(([name]) => name === kernel)?.[1] : undefined;
  const list: unknown =
    typeof ofKernel === "object" && ofKernel !== null ? Object.entries(ofKernel).find(([name]) => name === key)?.[1] : undefined;
  if (!Array.isArray(list)) throw new Error(`no ${key} of ${kernel} in ${output}`);
  return list.map(Number).sort((a, b) => a - b);
}

function at(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN;
}

function spread(sorted: readonly number[]): string {
  return [0, 0.5, 0.95]
    .map((part) => at(sorted, part).toFixed(1))
    .join(" / ")
    .padEnd(25)
    .concat(" ms");
}

/** Whether a source of the protocol process is younger than what was compiled of it. */
function isStale(): boolean {
  if (!existsSync(MAIN)) return true;
  const compiled_ms = statSync(MAIN).mtimeMs;
  const sources = globSync(["kernel/jupyter/*.ts", "kernel/messages.ts", "model/*.ts"], { cwd: ROOT });
  return sources.some((source) => {
    const output = join(ROOT, "out/js", source.replace(/\.ts$/, ".js"));
    return !existsSync(output) || statSync(join(ROOT, source)).mtimeMs > Math.max(compiled_ms, statSync(output).mtimeMs);
  });
}
