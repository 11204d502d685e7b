/**
 * How Jupyter finds the kernel: a directory `kernels/faultbook` with kernel.json and logos, written by us, so that no
 * Jupyter needs to be there. Source: Jupyter Client documentation, "Kernel specs".
 */
import { copyFile, mkdir, readFile, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Json } from "../../model/json.ts";
import { Problem } from "../../model/problem.ts";
import { runCommand } from "../command.ts";
import { JUPYTER_DATA, ROOT } from "../place.ts";
import { KERNEL_MAIN } from "./kernel.ts";
import { writeWhole } from "./stamp.ts";

export const KERNEL_NAME = "faultbook";
const LOGOS = ["logo-32x32.png", "logo-64x64.png", "logo-svg.svg"];

/** Where a kernelspec is installed. */
export type Destination =
  | { readonly kind: "user" }
  /** The Python environment whose python3 comes first on the PATH. */
  | { readonly kind: "sys-prefix" }
  | { readonly kind: "prefix"; readonly prefix: string };

function kernelspec(): Json {
  return {
    argv: [process.execPath, KERNEL_MAIN, "{connection_file}"],
    display_name: "Faultbook",
    language: "starlark",
    interrupt_mode: "message",
    kernel_protocol_version: "5.5",
    metadata: { debugger: false },
  };
}

/** The directory of kernels that a destination means. */
export async function kernelsDirectory(destination: Destination): Promise<string> {
  switch (destination.kind) {
    case "user":
      return join(userJupyterData(), "kernels");
    case "prefix":
      return join(destination.prefix, "share", "jupyter", "kernels");
    case "sys-prefix": {
      const { status, stdout } = await runCommand("python3", ["-c", "import sys; print(sys.prefix)"]).catch(() => ({
        status: 1,
        stdout: "",
      }));
      if (status === 0 && stdout !== "") return join(stdout, "share", "jupyter", "kernels");
      throw new Problem(
        "NO_PYTHON",
        "system",
        "--sys-prefix means the environment of python3, and there is no python3 on the PATH.",
        "Activate the environment, or name its directory with --prefix DIR.",
      );
    }
  }
}

/** As jupyter_core finds it (jupyter_core.paths.jupyter_data_dir). */
function userJupyterData(): string {
  const named = process.env["JUPYTER_DATA_DIR"];
  if (named) return named;
  if (process.platform === "darwin") return join(homedir(), "Library", "Jupyter");
  return join(process.env["XDG_DATA_HOME"] || join(homedir(), ".local", "share"), "jupyter");
}

/** Writes it; the directory it stands in then. */
export async function writeKernelspec(kernels: string): Promise<string> {
  const directory = join(kernels, KERNEL_NAME);
  await mkdir(directory, { recursive: true });
  for (const logo of LOGOS) await copyFile(join(ROOT, "cli", "setup", "logo", logo), join(directory, logo));
  await writeWhole(join(directory, "kernel.json"), `${JSON.stringify(kernelspec(), null, 1)}\n`);
  return directory;
}

/** False when none was there. */
export async function removeKernelspec(kernels: string): Promise<boolean> {
  const directory = join(kernels, KERNEL_NAME);
  const had = (await readKernelspec(kernels)) !== undefined;
  if (had) await rm(directory, { recursive: true });
  return had;
}

/** The command line of an installed kernelspec; undefined when there is none. */
export async function readKernelspec(kernels: string): Promise<readonly string[] | undefined> {
  try {
    const spec: unknown = JSON.parse(await readFile(join(kernels, KERNEL_NAME, "kernel.json"), "utf8"));
    if (typeof spec !== "object" || spec === null || !("argv" in spec) || !Array.isArray(spec.argv)) return [];
    return spec.argv.map(String);
  } catch {
    return undefined;
  }
}

/** The clone's own, which `demo`, `lab` and `test` use: JUPYTER_PATH comes before every other place. */
export const OWN_KERNELS = join(JUPYTER_DATA, "kernels");

export function jupyterEnvironment(): NodeJS.ProcessEnv {
  const before = process.env["JUPYTER_PATH"];
  return { ...process.env, JUPYTER_PATH: before ? `${JUPYTER_DATA}:${before}` : JUPYTER_DATA };
}
