/**
 * The inputs of this kernel's life, for the history of consoles. In memory only: an input acts on live systems, so what an
 * earlier kernel was told is the notebook's to keep, not ours to offer. (Jupyter messaging, "History".)
 */
import { globMatches } from "../../model/glob.ts";
import type { Fields } from "./wire.ts";

/** The oldest inputs are forgotten beyond this many. */
const INPUTS_MAX = 10_000;
/** The session number of this kernel's inputs; 0 in a request means "the current one", which is the same. */
const THIS_SESSION = 1;

interface Input {
  readonly line: number;
  readonly code: string;
  /** The result's plain text, once there is one. */
  output: string | null;
}

type Entry = readonly [session: number, line: number, input: string | readonly [input: string, output: string | null]];

export class History {
  #inputs: Input[] = [];

  add(line: number, code: string): void {
    this.#inputs.push({ line, code, output: null });
    if (this.#inputs.length > INPUTS_MAX) this.#inputs = this.#inputs.slice(-INPUTS_MAX);
  }

  /** What the input of this line resulted in. */
  result(line: number, text: string): void {
    const input = this.#inputs.findLast((one) => one.line === line);
    if (input) input.output = text;
  }

  /** The `history` of a reply to a `history_request` with this content. */
  answer(content: Fields): Entry[] {
    const withOutput = content["output"] === true;
    return this.#select(content).map(({ line, code, output }): Entry => [THIS_SESSION, line, withOutput ? [code, output] : code]);
  }

  #select(content: Fields): readonly Input[] {
    const last = count(content["n"]);
    switch (content["hist_access_type"]) {
      case "tail":
        return lastOf(this.#inputs, last ?? 10);
      case "range": {
        const session = count(content["session"]) ?? 0;
        if (session !== 0 && session !== THIS_SESSION) return [];
        const start = count(content["start"]) ?? 1;
        const stop = count(content["stop"]) ?? Infinity;
        return this.#inputs.filter(({ line }) => line >= start && line < stop);
      }
      case "search": {
        const pattern = typeof content["pattern"] === "string" ? content["pattern"] : "*";
        const found = this.#inputs.filter(({ code }) => globMatches(pattern, code));
        return lastOf(content["unique"] === true ? latestOfEach(found) : found, last ?? Infinity);
      }
      default:
        return [];
    }
  }
}

function count(value: unknown): number | undefined {
  return typeof value === "number" && Number.isInteger(value) ? value : undefined;
}

function lastOf(inputs: readonly Input[], n: number): readonly Input[] {
  return n > 0 ? inputs.slice(-n) : [];
}

function latestOfEach(inputs: readonly Input[]): Input[] {
  const latest = new Map<string, Input>();
  for (const input of inputs) {
    latest.delete(input.code);
    latest.set(input.code, input);
  }
  return [...latest.values()];
}
