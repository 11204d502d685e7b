/** `faultbook lab [DIR]`: JupyterLab from the private environment, with this clone's kernel. */
import { spawn } from "node:child_process";
import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { PYTHON_ENVIRONMENT, ROOT } from "../place.ts";
import { jupyterEnvironment } from "../setup/kernelspec.ts";
import { setUp } from "../setup/set-up.ts";
import type { Verb } from "../verb.ts";
import { readArguments, usageProblem } from "../verb.ts";

export const lab: Verb = {
  usage: "lab [DIR] [--no-browser] [--port N]",
  async run(args) {
    const options = { "no-browser": { type: "boolean" }, port: { type: "string" } } as const;
    const { values, positionals } = readArguments(args, lab.usage, options, { least: 0, most: 1 });
    const directory = resolve(positionals[0] ?? join(ROOT, "notebooks"));
    const found = await stat(directory).catch(() => undefined);
    if (found?.isDirectory() !== true) throw usageProblem(`there is no directory ${directory}`, lab.usage);
    await setUp({ docker: true, jupyter: true });

    const flags = ["lab", `--ServerApp.root_dir=${directory}`];
    if (values["no-browser"] === true) flags.push("--no-browser");
    if (values.port !== undefined) flags.push(`--port=${values.port}`);
    // Jupyter refuses to run as root unless told; in a container or a fresh virtual machine root is who one is.
    if (process.getuid?.() === 0) flags.push("--allow-root");
    const server = spawn(join(PYTHON_ENVIRONMENT, "bin", "jupyter"), flags, { stdio: "inherit", env: jupyterEnvironment() });
    // ^C in a terminal reaches the server too, and is its to answer: it asks first. From anybody else it reaches us alone.
    process.on("SIGINT", () => process.stdin.isTTY || server.kill("SIGINT"));
    process.on("SIGTERM", () => server.kill("SIGTERM"));
    return new Promise((done, reject) => {
      server.once("error", reject);
      server.once("close", (status) => done(status ?? 1));
    });
  },
};
