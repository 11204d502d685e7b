/** The compiled kernel in out/js: a kernel always runs compiled JavaScript, since a person waits for its start. */
import { cp, readdir, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { Problem } from "../../model/problem.ts";
import { lastLines, runCommand } from "../command.ts";
import { OUT, ROOT } from "../place.ts";
import type { Step } from "./progress.ts";
import { checksum, hasStamp, writeWhole } from "./stamp.ts";

const COMPILED = join(OUT, "js");
const STAMP = join(COMPILED, ".sources");
const FOLDERS = ["model", "protocols", "kernel", "injector", "renderers", "cli"];
export const KERNEL_MAIN = join(COMPILED, "kernel", "jupyter", "main.js");

/** Compiles when any source is another than at the last time, by name, size and time of change. */
export async function compileKernel(step: Step, signal: AbortSignal): Promise<void> {
  const files = await sources();
  const wanted = checksum(...files.map(({ path, size, changed_ms }) => `${path} ${size} ${changed_ms}`));
  if (await hasStamp(STAMP, wanted)) return;
  step.doing("compiling");
  const compiler = join(ROOT, "node_modules", "typescript", "bin", "tsc");
  const { status, lines } = await runCommand(process.execPath, [compiler, "-p", join(ROOT, "tsconfig.build.json"), "--pretty", "false"], {
    cwd: ROOT,
    signal,
  });
  if (status !== 0) {
    const hint = "See all of it with: npx tsc -p tsconfig.build.json";
    throw new Problem("NOT_COMPILED", "faultbook", `The kernel's sources do not compile:\n${lastLines(lines)}`, hint);
  }
  // What the code reads at run time and the compiler leaves behind, such as fonts.
  for (const { path } of files) if (path.includes("/") && !/\.(ts|md)$/.test(path)) await cp(join(ROOT, path), join(COMPILED, path));
  await writeWhole(STAMP, wanted);
  step.done("compiled");
}

interface Source {
  readonly path: string;
  readonly size: number;
  readonly changed_ms: number;
}

async function sources(): Promise<readonly Source[]> {
  const paths: string[] = ["tsconfig.json", "tsconfig.build.json", "package-lock.json"];
  for (const folder of FOLDERS) {
    const entries = await readdir(join(ROOT, folder), { recursive: true, withFileTypes: true }).catch(() => []);
    for (const entry of entries) if (entry.isFile()) paths.push(relative(ROOT, join(entry.parentPath, entry.name)));
  }
  paths.sort();
  return Promise.all(
    paths.map(async (path) => {
      const { size, mtimeMs } = await stat(join(ROOT, path));
      return { path, size, changed_ms: mtimeMs };
    }),
  );
}
