/**
 * The private Python environment that the set-up makes (JupyterLab, jupyter_client, nbclient, ipykernel), for tests and
 * benchmarks that drive the kernel as its users' programs do. Without it those can't run, and say so.
 */
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  if (typeof manifest === "object" && manifest !== null && "version" in manifest) return String(manifest.version);
  throw new Error("package.json names no version");
}

/** An empty XDG_CACHE_HOME counts as unset (XDG Base Directory Specification). */
const CACHE = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "faultbook", version());

/** A program of the environment, such as `python` or `jupyter-lab`. */
export function pythonProgram(name: string): string {
  const program = join(CACHE, "python", "bin", name);
  if (!existsSync(program)) throw new Error(`${program} is missing: \`./faultbook test\` makes the environment`);
  return program;
}
