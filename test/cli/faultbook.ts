/** Runs ./faultbook's verbs as a person does, and keeps what was said. */
import { execFile } from "node:child_process";
import { join } from "node:path";

export const ROOT = join(import.meta.dirname, "../..");

export interface Said {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly timeout_ms?: number;
}

/** A program's exit status and output; a signal counts as status -1. */
export function runProgram(file: string, args: readonly string[], options: RunOptions = {}): Promise<Said> {
  return new Promise((resolve) => {
    const { cwd = ROOT, env = process.env, timeout_ms = 60_000 } = options;
    const child = execFile(file, [...args], { cwd, env, timeout: timeout_ms, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : typeof error.code === "number" ? error.code : -1, stdout, stderr });
    });
    child.stdin?.end();
  });
}

/** Without the shell script in front, which has tests of its own. */
export function faultbook(args: readonly string[], options: RunOptions = {}): Promise<Said> {
  return runProgram(process.execPath, [join(ROOT, "cli", "main.ts"), ...args], options);
}
