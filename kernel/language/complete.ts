/** Whether a text typed so far is a whole one, for consoles that ask before they run it. */
import { StarlarkError } from "./errors.ts";
import { Parser } from "./parse.ts";
import { Source } from "./source.ts";
import type { Statement } from "./tree.ts";

const STEP = "    ";

export interface Completeness {
  readonly status: "complete" | "incomplete" | "invalid";
  /** Spaces for the next line of an incomplete text. */
  readonly indent: string;
}

/** By the real parser: incomplete is what fails only because the text ends, or a block that no empty line has ended yet. */
export function completeness(text: string): Completeness {
  // With a line end: what fails there would fail on the next line too.
  const parser = new Parser(new Source("", `${text}\n`));
  let statements: Statement[];
  try {
    statements = parser.file();
  } catch (error) {
    if (!(error instanceof StarlarkError)) throw error;
    return parser.atEnd ? { status: "incomplete", indent: nextIndent(text) } : { status: "invalid", indent: "" };
  }
  const last = statements.at(-1);
  const isCompound = last?.kind === "def" || last?.kind === "if" || last?.kind === "for" || last?.kind === "while";
  const lines = text.split("\n");
  const open = isCompound && lines.length > 1 && (lines.at(-1) ?? "").trim() !== "";
  return open && /^\s/.test(lines.at(-1) ?? "") ? { status: "incomplete", indent: nextIndent(text) } : { status: "complete", indent: "" };
}

function nextIndent(text: string): string {
  const line = text.split("\n").findLast((one) => one.trim() !== "") ?? "";
  const indent = /^[ \t]*/.exec(line)?.[0] ?? "";
  return /[:([{]\s*(?:#.*)?$/.test(line) ? indent + STEP : indent;
}
