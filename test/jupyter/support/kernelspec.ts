/** A Jupyter of a test's own: one kernelspec and empty directories for everything that Jupyter reads and writes. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../../..");

export interface Kernelspec {
  readonly main: string;
  /** Undefined: the kernel's own. */
  readonly session?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** The kernel from its sources in front of the stand-in session. */
export const STANDIN: Kernelspec = { main: join(ROOT, "kernel/jupyter/main.ts"), session: join(import.meta.dirname, "session.ts") };

export class JupyterHome {
  /** The kernelspec's name. */
  readonly name = "faultbook-test";
  readonly directory: string;
  /** For programs that are to find the kernelspec, and nothing of the user's. */
  readonly env: NodeJS.ProcessEnv;

  constructor({ main, session, env = {} }: Kernelspec) {
    this.directory = mkdtempSync(join(tmpdir(), "faultbook-jupyter-"));
    const kernel = join(this.directory, "data", "kernels", this.name);
    mkdirSync(kernel, { recursive: true });
    const spec = {
      argv: [process.execPath, main, "{connection_file}"],
      display_name: "Faultbook under test",
      language: "starlark",
      interrupt_mode: "message",
      kernel_protocol_version: "5.5",
      env: { ...(session === undefined ? {} : { FAULTBOOK_SESSION: session }), ...env },
    };
    writeFileSync(join(kernel, "kernel.json"), JSON.stringify(spec));
    this.env = {
      ...process.env,
      JUPYTER_PATH: join(this.directory, "data"),
      JUPYTER_DATA_DIR: join(this.directory, "user"),
      JUPYTER_CONFIG_DIR: join(this.directory, "config"),
      JUPYTER_RUNTIME_DIR: join(this.directory, "runtime"),
      IPYTHONDIR: join(this.directory, "ipython"),
      PYTHONDONTWRITEBYTECODE: "1",
    };
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 3 });
  }
}
