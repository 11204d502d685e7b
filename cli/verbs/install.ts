/** `faultbook install` and `uninstall`: the kernelspec, for a Jupyter that is not ours. */
import { resolve } from "node:path";
import { compileKernel } from "../setup/kernel.ts";
import type { Destination } from "../setup/kernelspec.ts";
import { kernelsDirectory, removeKernelspec, writeKernelspec } from "../setup/kernelspec.ts";
import { createProgress } from "../setup/progress.ts";
import type { Verb } from "../verb.ts";
import { readArguments, usageProblem } from "../verb.ts";

const WHERE = "[--user | --sys-prefix | --prefix DIR]";
const OPTIONS = { user: { type: "boolean" }, "sys-prefix": { type: "boolean" }, prefix: { type: "string" } } as const;

function destination(args: readonly string[], usage: string): Destination {
  const { values } = readArguments(args, usage, OPTIONS);
  if (Object.keys(values).length > 1) throw usageProblem("--user, --sys-prefix and --prefix exclude one another", usage);
  if (values.prefix !== undefined) return { kind: "prefix", prefix: resolve(values.prefix) };
  return { kind: values["sys-prefix"] === true ? "sys-prefix" : "user" };
}

export const install: Verb = {
  usage: `install ${WHERE}`,
  async run(args) {
    const kernels = await kernelsDirectory(destination(args, install.usage));
    const progress = createProgress(process.stderr);
    const step = progress.step("Kernel");
    await compileKernel(step, new AbortController().signal);
    progress.end();
    console.log(`Kernel "Faultbook" installed in ${await writeKernelspec(kernels)}`);
    return 0;
  },
};

export const uninstall: Verb = {
  usage: `uninstall ${WHERE}`,
  async run(args) {
    const kernels = await kernelsDirectory(destination(args, uninstall.usage));
    const had = await removeKernelspec(kernels);
    console.log(had ? `Kernel "Faultbook" removed from ${kernels}` : `No kernel "Faultbook" in ${kernels}`);
    return 0;
  },
};
