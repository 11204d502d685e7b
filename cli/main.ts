/** ./faultbook: finds the verb and shows what went wrong. Exit status 1 is for usage, set-up and language errors. */
import { didYouMean } from "../model/nearest.ts";
import { Problem } from "../model/problem.ts";
import { VERBS } from "./verbs.ts";

const ALIASES: Readonly<Record<string, string>> = { "--help": "help", "-h": "help", "--version": "version", "-V": "version" };

async function main(args: readonly string[]): Promise<number> {
  const [given = "help", ...rest] = args;
  const name = ALIASES[given] ?? given;
  const entry = VERBS.find((verb) => verb.name === name);
  if (entry === undefined) {
    const names = VERBS.map((verb) => verb.name);
    throw new Problem("USAGE", "spec", `unknown verb "${given}"${didYouMean(given, names)}`, `The verbs are: ${names.join(", ")}.`);
  }
  const verb = await entry.load();
  if (rest.some((argument) => argument === "--help" || argument === "-h")) {
    console.log(`usage: faultbook ${verb.usage}\n\n  ${entry.summary}`);
    return 0;
  }
  return verb.run(rest);
}

function show(error: unknown): void {
  if (error instanceof Problem) {
    const indented = error.hint.split("\n").map((line) => `  ${line}`);
    process.stderr.write(`faultbook: ${error.message}\n${indented.join("\n")}\n`);
    return;
  }
  process.stderr.write(
    `faultbook: this is our own fault, not your system's\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
}

// A reader that has gone (`| head`) is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  show(error);
  process.exitCode = 1;
}
