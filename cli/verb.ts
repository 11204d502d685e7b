/** One verb of the command line, and how it reads its arguments. */
import type { ParseArgsOptionsConfig } from "node:util";
import { parseArgs } from "node:util";
import { didYouMean } from "../model/nearest.ts";
import { Problem } from "../model/problem.ts";

/** One file of `verbs/`. Resolves to the exit status; a Problem that it throws ends with 1. */
export interface Verb {
  /** Behind `faultbook`: "run FILE [--out F]". */
  readonly usage: string;
  readonly run: (args: readonly string[]) => Promise<number>;
}

export function usageProblem(message: string, usage: string): Problem {
  return new Problem("USAGE", "spec", message, `usage: faultbook ${usage}`);
}

/** Flags and the other arguments, of which there must be as many as the verb takes. */
export function readArguments<const Options extends ParseArgsOptionsConfig>(
  args: readonly string[],
  usage: string,
  options: Options,
  positionals: { readonly least: number; readonly most: number } = { least: 0, most: 0 },
) {
  const { tokens } = parseArgs({ args: [...args], options, allowPositionals: true, strict: false, tokens: true });
  const known = Object.keys(options).map((name) => `--${name}`);
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const option = options[token.name];
    if (option === undefined) throw usageProblem(`unknown flag ${token.rawName}${didYouMean(token.rawName, known)}`, usage);
    if (option.type === "string" && token.value === undefined) throw usageProblem(`${token.rawName} needs a value`, usage);
    if (option.type === "boolean" && token.value !== undefined) throw usageProblem(`${token.rawName} takes no value`, usage);
  }
  const others = tokens.filter((token) => token.kind === "positional").length;
  if (others < positionals.least) throw usageProblem("an argument is missing", usage);
  const extra = tokens.filter((token) => token.kind === "positional")[positionals.most];
  if (extra !== undefined) throw usageProblem(`"${extra.value}" is one argument too many`, usage);
  return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
}
