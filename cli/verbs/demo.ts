/**
 * `faultbook demo`: from a fresh machine to a measured fault matrix. Sets everything up, runs the first course notebook
 * through the real kernel by jupyter_client, and compares the verdicts with those that the notebook records.
 */
import { spawn } from "node:child_process";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import type { Output } from "../../kernel/messages.ts";
import { SESSION_LABEL } from "../../kernel/engines/owner.ts";
import { formatDuration } from "../../model/duration.ts";
import { Problem } from "../../model/problem.ts";
import type { CellRecord, MatrixRecord } from "../../model/verdict.ts";
import { Notebook } from "../notebook.ts";
import { OUT, PYTHON, ROOT } from "../place.ts";
import { connect } from "../setup/docker.ts";
import { jupyterEnvironment, KERNEL_NAME } from "../setup/kernelspec.ts";
import { setUp } from "../setup/set-up.ts";
import { TerminalView } from "../terminal.ts";
import type { Verb } from "../verb.ts";
import { readArguments } from "../verb.ts";
import type { NamedVerdict } from "../verdicts.ts";
import { differences, expectedVerdicts, matricesOf, summary, verdictsOf } from "../verdicts.ts";

const NOTEBOOK = join(ROOT, "notebooks", "course", "1-three-layers.ipynb");
const DIRECTORY = join(OUT, "demo");
const CLEANED_MS = 15_000;

export const demo: Verb = {
  usage: "demo [--notebook FILE] [--out DIR]",
  async run(args) {
    const { values } = readArguments(args, demo.usage, { notebook: { type: "string" }, out: { type: "string" } });
    const began_ms = performance.now();
    const path = values.notebook === undefined ? NOTEBOOK : resolve(values.notebook);
    const notebook = Notebook.parse(await readFile(path, "utf8"), path);
    await setUp({ docker: true, jupyter: true });
    const ready_ms = performance.now();

    const { docker } = connect();
    const before = await ourContainers(docker);
    const directory = values.out === undefined ? DIRECTORY : resolve(values.out);
    const out = join(directory, basename(path));
    await mkdir(directory, { recursive: true });
    console.log(`Ready after ${formatDuration(ready_ms - began_ms)}. Running ${relative(ROOT, path)} …\n`);
    const { verdicts, matrices } = await execute(path, out);

    for (const matrix of matrices) printFirings(matrix);
    const pictures = await writePictures(out);
    const left = await containersLeft(docker, before);
    console.log(`\nNotebook  ${relative(process.cwd(), out)}`);
    for (const picture of pictures) console.log(`Picture   ${relative(process.cwd(), picture)}`);
    console.log("See it in JupyterLab: ./faultbook lab");
    console.log(left.length === 0 ? "No container is left." : `LEFT BEHIND: ${left.join(", ")} (./faultbook clean removes them)`);

    const wrong = differences(expectedVerdicts(notebook.metadata), verdicts);
    console.log(`\n${summary(verdicts)}: ${wrong.length === 0 ? "as the notebook records" : "not what the notebook records"}`);
    for (const line of wrong) console.log(`  ${line}`);
    console.log(`${formatDuration(performance.now() - began_ms)} in all, ${formatDuration(ready_ms - began_ms)} of them set-up`);
    return wrong.length === 0 && left.length === 0 ? 0 : 2;
  },
};

interface Outcome {
  readonly verdicts: readonly NamedVerdict[];
  readonly matrices: readonly MatrixRecord[];
}

/** What execute.py says, a line. */
type Said = { readonly output: Output } | { readonly done: { readonly metadata: Parameters<typeof verdictsOf>[0] } };

async function execute(path: string, out: string): Promise<Outcome> {
  const view = new TerminalView(process.stdout);
  const verdicts: NamedVerdict[] = [];
  const matrices: MatrixRecord[] = [];
  const program = spawn(PYTHON, [join(ROOT, "cli", "execute.py"), path, out, KERNEL_NAME], {
    stdio: ["ignore", "pipe", "pipe"],
    env: jupyterEnvironment(),
  });
  let errors = "";
  program.stderr.setEncoding("utf8").on("data", (text: string) => (errors = (errors + text).slice(-4000)));
  const ended = new Promise<number | null>((done, reject) => program.once("error", reject).once("close", done));
  for await (const line of createInterface({ input: program.stdout })) {
    const said = JSON.parse(line) as Said;
    if ("output" in said) view.show(said.output);
    else {
      view.endCell();
      verdicts.push(...verdictsOf(said.done.metadata));
      matrices.push(...matricesOf(said.done.metadata));
    }
  }
  if ((await ended) !== 0) {
    throw new Problem(
      "DEMO_FAILED",
      "faultbook",
      `The notebook did not run to its end:\n${errors.trimEnd()}`,
      `As far as it came: ${out}. What is missing here? Try: ./faultbook doctor`,
    );
  }
  return { verdicts, matrices };
}

/** For each fault: in which cells it fired, how often, and where. */
function printFirings(matrix: MatrixRecord): void {
  console.log("\nWhat fired");
  for (const fault of matrix.faults) {
    console.log(`  ${fault}`);
    for (const cell of matrix.cells.filter((one) => one.fault === fault)) {
      console.log(
        `    ${cell.scenario}: ${cell.verdict}${cell.reason === "" ? "" : ` (${cell.reason})`}${cell.answer === "" ? "" : `, answer ${cell.answer}`}`,
      );
      for (const line of firings(cell)) console.log(`      ${line}`);
    }
  }
}

function firings(cell: CellRecord): readonly string[] {
  return cell.hits.flatMap(({ service, keyword, action, fired, reset, mechanism, where, elsewhere }) => [
    `${action} on ${keyword} of ${service}: fired ${fired}${reset > 0 ? `, reset ${reset}` : ""} (${mechanism})`,
    ...where.map((place) => `  ${place}`),
    ...elsewhere.map((place) => `  elsewhere: ${place}`),
  ]);
}

/** The pictures of the notebook's outputs as files beside it, numbered in their order. */
async function writePictures(out: string): Promise<readonly string[]> {
  const written: string[] = [];
  const text = await readFile(out, "utf8");
  const earlier = basename(out, ".ipynb");
  for (const file of await readdir(dirname(out))) {
    if (file.startsWith(earlier) && /^-\d+\.png$/.test(file.slice(earlier.length))) await rm(join(dirname(out), file));
  }
  for (const [, picture] of text.matchAll(/"image\/png": "([^"]*)"/g)) {
    const file = `${out.replace(/\.ipynb$/, "")}-${written.length + 1}.png`;
    await writeFile(file, Buffer.from((picture ?? "").replaceAll("\\n", ""), "base64"));
    written.push(file);
  }
  return written;
}

async function ourContainers(docker: Docker): Promise<ReadonlySet<string>> {
  const containers = await docker.listContainers({ all: true, filters: { label: [SESSION_LABEL] } });
  return new Set(containers.map(({ Names, Id }) => (Names[0] ?? Id).replace(/^\//, "")));
}

/** Ours that were not there before, once the session had time to remove them. */
async function containersLeft(docker: Docker, before: ReadonlySet<string>): Promise<readonly string[]> {
  for (const end_ms = performance.now() + CLEANED_MS; ;) {
    const left = [...(await ourContainers(docker))].filter((name) => !before.has(name));
    if (left.length === 0 || performance.now() > end_ms) return left;
    await sleep(200);
  }
}
