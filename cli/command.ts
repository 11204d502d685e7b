/** Runs another program to its end and keeps what it said: for set-up steps, whose errors show the program's last lines. */
import { spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { createInterface } from "node:readline";
import { Problem } from "../model/problem.ts";

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
  readonly timeout_ms?: number;
  /** Called with each line as it comes, of either stream. */
  readonly onLine?: (line: string) => void;
}

export interface CommandResult {
  /** Null when a signal ended it. */
  readonly status: number | null;
  readonly stdout: string;
  /** Both streams in the order they came, at most the last 200 lines. */
  readonly lines: readonly string[];
}

const LINES_KEPT = 200;

/** Resolves whatever the exit status; rejects when it was aborted or took too long. Problems: PROGRAM_MISSING. */
export async function runCommand(file: string, args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const signals = [AbortSignal.timeout(options.timeout_ms ?? 900_000), ...(options.signal === undefined ? [] : [options.signal])];
  const child = spawn(file, args, {
    stdio: ["ignore", "pipe", "pipe"],
    signal: AbortSignal.any(signals),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env }),
  });
  const lines: string[] = [];
  const stdout: string[] = [];
  const read = async (stream: Readable, all?: string[]): Promise<void> => {
    for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
      all?.push(line);
      lines.push(line);
      if (lines.length > LINES_KEPT) lines.shift();
      options.onLine?.(line);
    }
  };
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", (error: NodeJS.ErrnoException) => reject(error.code === "ENOENT" ? missing(file, error) : error));
    child.once("close", resolve);
  });
  const [status] = await Promise.all([ended, read(child.stdout, stdout), read(child.stderr)]);
  return { status, stdout: stdout.join("\n"), lines };
}

function missing(program: string, cause: Error): Problem {
  return new Problem(
    "PROGRAM_MISSING",
    "system",
    `The program ${program} is not on this machine.`,
    `Install it, or put it on the PATH: ${process.env["PATH"] ?? ""}`,
    {
      cause,
    },
  );
}

/** The last lines of a program's output, indented, for an error message. */
export function lastLines(lines: readonly string[], count = 12): string {
  return lines
    .filter((line) => line.trim() !== "")
    .slice(-count)
    .map((line) => `    ${line}`)
    .join("\n");
}
