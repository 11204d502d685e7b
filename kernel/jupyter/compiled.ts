/** Compiled code is kept beside this version's other state, so that a start pays for it once a version. */
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";
import { VERSION } from "./version.ts";

/** For what is imported from now on. */
export function keepCompiledCode(): void {
  enableCompileCache(join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "faultbook", VERSION, "compiled"));
}
