/**
 * The Jupyter kernel's protocol process: `main.ts CONNECTION_FILE`. It owns the five sockets and nothing else, so that it
 * answers whatever a cell does; cells run in the session process, which it starts.
 */
import { extname, join } from "node:path";
import { keepCompiledCode } from "./compiled.ts";
import type { Kernel } from "./kernel.ts";

// Before anything else: an interrupt must never be the death of the kernel, not even while it loads.
let kernel: Kernel | undefined;
process.on("SIGINT", () => kernel?.interrupt());
process.on("SIGTERM", () => (kernel ? kernel.end() : process.exit(143)));
process.on("SIGHUP", () => (kernel ? kernel.end() : process.exit(129)));

keepCompiledCode();
const [{ readConnection }, { startKernel }, { Problem }] = await Promise.all([
  import("./connection.ts"),
  import("./kernel.ts"),
  import("../../model/problem.ts"),
]);

const [file] = process.argv.slice(2);
/** The session program of this build, unless a test puts another in its place. */
const program = process.env["FAULTBOOK_SESSION"] ?? join(import.meta.dirname, "..", "session", `main${extname(import.meta.filename)}`);
try {
  if (file === undefined) {
    throw new Problem(
      "NO_CONNECTION_FILE",
      "system",
      "The kernel was started without a connection file.",
      "Jupyter starts it: `./faultbook lab`.",
    );
  }
  kernel = startKernel(readConnection(file), program);
} catch (error) {
  console.error(error instanceof Problem ? `${error.message}\n${error.hint}` : error);
  process.exit(1);
}
