/**
 * Where faultbook's files are: the clone (or the installed package) it runs from, and the state that outlives it.
 * A clone gets only `out/`; everything else is in the cache directory, one for each version.
 */
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

/** The directory that holds package.json: above the sources, and two further up when compiled into out/js. */
function findRoot(from: string): string {
  for (let directory = from; ; directory = dirname(directory)) {
    if (existsSync(join(directory, "package.json"))) return directory;
    if (directory === dirname(directory)) throw new Error(`no package.json above ${from}`);
  }
}

export const ROOT = findRoot(import.meta.dirname);

function readVersion(): string {
  const parsed: unknown = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  if (typeof parsed === "object" && parsed !== null && "version" in parsed && typeof parsed.version === "string") return parsed.version;
  throw new Error("package.json has no version");
}

export const VERSION = readVersion();

/** The parent of all versions' state. An empty XDG_CACHE_HOME counts as unset (XDG Base Directory Specification). */
export const CACHES = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "faultbook");
export const CACHE = join(CACHES, VERSION);

/** What a clone gets: compiled kernel, the demo's notebook and pictures, stamps. */
export const OUT = join(ROOT, "out");
/** A Jupyter data directory of this clone's own, so that two clones don't share a kernelspec. */
export const JUPYTER_DATA = join(OUT, "jupyter");
export const PYTHON_ENVIRONMENT = join(CACHE, "python");
export const PYTHON = join(PYTHON_ENVIRONMENT, "bin", "python");
