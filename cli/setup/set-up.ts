/**
 * Makes a fresh machine ready, as far as a verb needs it. Steps that don't need one another run side by side; each looks
 * first whether it is done already, which takes milliseconds. The first failure stops the others.
 */
import { createInterface } from "node:readline/promises";
import { installChromium } from "./chromium.ts";
import { connect, dockerReady, engineTrouble, remedyFor } from "./docker.ts";
import { makeImages } from "./images.ts";
import { compileKernel } from "./kernel.ts";
import { OWN_KERNELS, writeKernelspec } from "./kernelspec.ts";
import { alone } from "./lock.ts";
import type { Progress, Step } from "./progress.ts";
import { createProgress } from "./progress.ts";
import { makePythonEnvironment } from "./python.ts";
import { fetchServicePackages } from "./services.ts";

export interface Needs {
  /** An engine with our images, and the packages of the demo services. */
  readonly docker?: boolean;
  /** The private Python environment, and the kernelspec of this clone. */
  readonly jupyter?: boolean;
  readonly chromium?: boolean;
}

export async function setUp(needs: Needs): Promise<void> {
  const progress = createProgress(process.stderr);
  const stop = new AbortController();
  const { signal } = stop;
  const mayInstall = needs.docker === true ? await askForDocker() : false;
  try {
    await alone(progress.step("Set-up"), signal, async () => {
      const steps: Promise<unknown>[] = [];
      const run = (name: string, work: (step: Step, signal: AbortSignal) => Promise<unknown>): void => {
        steps.push(perform(progress, name, stop, work));
      };
      if (needs.docker === true) {
        run("Docker", async (step) => {
          const docker = await dockerReady(step, signal, () => Promise.resolve(mayInstall));
          await perform(progress, "Images", stop, (images) => makeImages(docker, images, signal));
        });
        run("Services", fetchServicePackages);
      }
      if (needs.jupyter === true) {
        run("Kernel", async (step) => {
          await compileKernel(step, signal);
          await writeKernelspec(OWN_KERNELS);
        });
        run("Python", makePythonEnvironment);
      }
      if (needs.chromium === true) run("Browser", installChromium);
      await settled(steps);
    });
  } finally {
    progress.end();
  }
}

async function perform(
  progress: Progress,
  name: string,
  stop: AbortController,
  work: (step: Step, signal: AbortSignal) => Promise<unknown>,
): Promise<void> {
  const step = progress.step(name);
  try {
    await work(step, stop.signal);
    step.done();
  } catch (error) {
    step.failed();
    stop.abort(error);
    throw error;
  }
}

/** All are waited for, so that nothing works on behind an error; the first reason is thrown, not those of the steps it stopped. */
async function settled(steps: readonly Promise<unknown>[]): Promise<void> {
  const reasons: unknown[] = [];
  await Promise.all(steps.map((step) => step.catch((reason: unknown) => reasons.push(reason))));
  if (reasons.length > 0) throw reasons[0];
}

/** Whether a daemon may be installed, should it come to that: asked on a terminal, announced elsewhere. */
async function askForDocker(): Promise<boolean> {
  const engine = connect();
  const trouble = await engineTrouble(engine);
  if (trouble === undefined || remedyFor(trouble, engine.choice) !== "install") return true;
  const what = "No Docker daemon is installed here; containers need one.";
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    process.stderr.write(`${what} Debian's docker.io will be installed and started.\n`);
    return true;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${what} Install Debian's docker.io and start it? [Y/n] `);
    return /^\s*(y(es)?)?\s*$/i.test(answer);
  } finally {
    terminal.close();
  }
}
