/** `faultbook bench [NAME…]`: the benchmarks, one after the other, each a program that prints its own figures and references. */
import { spawn } from "node:child_process";
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { didYouMean } from "../../model/nearest.ts";
import { ROOT } from "../place.ts";
import { jupyterEnvironment } from "../setup/kernelspec.ts";
import { setUp } from "../setup/set-up.ts";
import type { Verb } from "../verb.ts";
import { readArguments, usageProblem } from "../verb.ts";

const DIRECTORY = join(ROOT, "test", "bench");
const SUFFIX = ".bench.ts";

export const bench: Verb = {
  usage: "bench [NAME…]",
  async run(args) {
    const wanted = readArguments(args, bench.usage, {}, { least: 0, most: Infinity }).positionals;
    const files = (await readdir(DIRECTORY)).filter((file) => file.endsWith(SUFFIX)).sort();
    const names = files.map((file) => basename(file, SUFFIX));
    for (const name of wanted) {
      if (!names.includes(name))
        throw usageProblem(`no benchmark "${name}"${didYouMean(name, names)}; there are: ${names.join(", ")}`, bench.usage);
    }
    await setUp({ docker: true, jupyter: true });
    let failed = 0;
    for (const [i, file] of files.entries()) {
      if (wanted.length > 0 && !wanted.includes(names[i] ?? "")) continue;
      console.log(`\n== ${names[i] ?? ""}`);
      const program = spawn(process.execPath, [join(DIRECTORY, file)], { stdio: "inherit", env: jupyterEnvironment(), cwd: ROOT });
      const status = await new Promise<number | null>((done, reject) => program.once("error", reject).once("close", done));
      if (status !== 0) failed++;
    }
    if (failed > 0) console.log(`\n${failed} benchmarks failed`);
    return failed === 0 ? 0 : 1;
  },
};
