/** Runs the programs of test/conformance; their README says how they are written. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { drive } from "./drive.ts";
import type { Options, Value } from "../../kernel/language/index.ts";
import {
  builtin,
  CELL_OPTIONS,
  equals,
  FILE_OPTIONS,
  loader,
  Module,
  repr,
  run,
  Source,
  StarlarkError,
  Thread,
  typeName,
} from "../../kernel/language/index.ts";

const FOLDER = join(import.meta.dirname, "..", "conformance");
const MARK = "#! ";

interface Chunk {
  readonly firstLine: number;
  readonly text: string;
  readonly options: Options;
  /** "line: message" */
  readonly errors: readonly string[];
}

function chunks(text: string): Chunk[] {
  let firstLine = 1;
  return `${text}\n`.split("\n---\n").map((body) => {
    const chunk = `${body}\n`;
    const lines = chunk.split("\n");
    const errors = lines.flatMap((line, i) =>
      line
        .split(MARK)
        .slice(1)
        .map((message) => `${i + 1}: ${message.trim()}`),
    );
    const found = { firstLine, text: chunk, options: chunk.startsWith("# file") ? FILE_OPTIONS : CELL_OPTIONS, errors };
    firstLine += lines.length;
    return found;
  });
}

const check = builtin("check", ["actual", "expected"], (args) => {
  const [actual, expected] = [args.get("actual") ?? null, args.get("expected") ?? null];
  if (typeName(actual) !== typeName(expected) || !equals(actual, expected)) throw new Error(`got ${repr(actual)}, want ${repr(expected)}`);
  return null;
});

const fails = builtin("fails", ["f", "*args", "**kwargs"], function* (args, thread) {
  try {
    yield* thread.call(args.get("f") ?? null, args.rest, args.extra);
    return null;
  } catch (error) {
    if (error instanceof StarlarkError) return error.message;
    throw error;
  }
});

const predeclared: ReadonlyMap<string, Value> = new Map([
  ["check", check],
  ["fails", fails],
]);

function execute(file: string, chunk: Chunk): string[] {
  const load = loader({
    // eslint-disable-next-line require-yield
    *read(name) {
      return new Source(name, readFileSync(join(FOLDER, "modules", name), "utf8"));
    },
  });
  const thread = new Thread({ print: () => undefined, now: () => 1_700_000_000_000_000_000n, load });
  try {
    drive(run(new Source(file, chunk.text), new Module(file), predeclared, chunk.options, thread));
    return [];
  } catch (error) {
    if (!(error instanceof StarlarkError)) throw error;
    return error.diagnostics.map(({ line, message }) => `${line}: ${message}`);
  }
}

for (const file of readdirSync(FOLDER).filter((name) => name.endsWith(".star"))) {
  for (const chunk of chunks(readFileSync(join(FOLDER, file), "utf8"))) {
    test(`${file} line ${chunk.firstLine} runs as starlark-go runs it`, () => {
      assert.deepEqual(execute(file, chunk), chunk.errors);
    });
  }
}
