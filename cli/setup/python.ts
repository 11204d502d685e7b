/** A private Python environment with JupyterLab, so that the versions are known and nobody's own environment is touched. */
import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { Problem } from "../../model/problem.ts";
import { lastLines, runCommand } from "../command.ts";
import { PYTHON, PYTHON_ENVIRONMENT, ROOT } from "../place.ts";
import { aptInstall } from "./apt.ts";
import type { Step } from "./progress.ts";
import { checksum, hasStamp, writeWhole } from "./stamp.ts";

const PACKAGES = join(ROOT, "cli", "setup", "python-packages.txt");
const CONSTRAINTS = join(ROOT, "cli", "setup", "python-constraints.txt");
const STAMP = join(PYTHON_ENVIRONMENT, ".faultbook");
/** JupyterLab 4.6 asks for it. */
const OLDEST = "3.10";

export async function makePythonEnvironment(step: Step, signal: AbortSignal): Promise<void> {
  const wanted = await wantedStamp();
  if (existsSync(PYTHON) && (await hasStamp(STAMP, wanted))) return;
  if (!existsSync(PYTHON)) {
    const python = (await usablePython(signal)) ?? (await installPython(step, signal));
    step.doing("making the environment");
    await rm(PYTHON_ENVIRONMENT, { recursive: true, force: true });
    const made = await runCommand(python, ["-m", "venv", PYTHON_ENVIRONMENT], { signal });
    if (made.status !== 0) {
      await rm(PYTHON_ENVIRONMENT, { recursive: true, force: true });
      const hint = `Try it by hand: ${python} -m venv ${PYTHON_ENVIRONMENT}`;
      throw new Problem("PYTHON_ENVIRONMENT_FAILED", "system", `The Python environment could not be made:\n${lastLines(made.lines)}`, hint);
    }
  }
  step.doing("installing JupyterLab");
  const install = (...more: readonly string[]) =>
    runCommand(
      PYTHON,
      ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:", "-r", PACKAGES, ...more],
      {
        signal,
      },
    );
  let installed = await install("-c", CONSTRAINTS);
  // A Python older or newer than Debian's may not have one of the pinned versions: then only our own packages are pinned.
  if (installed.lines.some((line) => /ResolutionImpossible|No matching distribution/.test(line))) installed = await install();
  if (installed.status !== 0) {
    const hint = "The lines above are pip's. Is the package index reachable from this machine?";
    throw new Problem("PIP_FAILED", "system", `pip could not install JupyterLab:\n${lastLines(installed.lines)}`, hint);
  }
  await writeWhole(STAMP, wanted);
  step.done("JupyterLab installed");
}

async function wantedStamp(): Promise<string> {
  return checksum(await readFile(PACKAGES), await readFile(CONSTRAINTS));
}

/** Whether the environment is there and complete, for `doctor`. */
export async function pythonEnvironmentReady(): Promise<boolean> {
  return existsSync(PYTHON) && (await hasStamp(STAMP, await wantedStamp()));
}

/** The first Python of the machine that can make an environment with pip in it: Debian keeps ensurepip in a package of its own. */
async function usablePython(signal: AbortSignal): Promise<string | undefined> {
  const question = `import sys, venv, ensurepip; sys.exit(sys.version_info < (${OLDEST.replace(".", ", ")}))`;
  for (const python of ["python3", "/usr/bin/python3"]) {
    try {
      const { status } = await runCommand(python, ["-c", question], { signal });
      if (status === 0) return python;
    } catch {
      signal.throwIfAborted(); // Otherwise it isn't there: the next.
    }
  }
  return undefined;
}

async function installPython(step: Step, signal: AbortSignal): Promise<string> {
  await aptInstall(["python3", "python3-venv"], `Python ${OLDEST} or newer with venv`, step, signal);
  const python = await usablePython(signal);
  if (python !== undefined) return python;
  const hint = `Install Python ${OLDEST} or newer with its venv module, and put it on the PATH as python3.`;
  throw new Problem("PYTHON_TOO_OLD", "system", `This machine's Python is older than ${OLDEST}, which JupyterLab needs.`, hint);
}
