/** The reference page's examples do what the page says. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { CELL_OPTIONS, loader, Module, repr, run, Source, StarlarkError, Thread, universe } from "../../kernel/language/index.ts";
import { drive } from "./drive.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/language.md"), "utf8");
const blocks = [...page.matchAll(/^```(python|error)\n([^]*?)^```$/gm)].map((match) => ({
  line: page.slice(0, match.index).split("\n").length,
  text: match[2] ?? "",
}));

/** A part of a block up to a line that says what comes out. */
interface Example {
  readonly text: string;
  readonly outcome: string;
}

function examples(block: string): { parts: Example[]; rest: string } {
  const parts: Example[] = [];
  let rest = "";
  for (const line of block.split("\n")) {
    const [code = "", outcome] = line.split(/ {2}# (?==> |error: )/);
    rest += `${code}\n`;
    if (outcome === undefined) continue;
    parts.push({ text: rest, outcome });
    rest = "";
  }
  return { parts, rest };
}

function outcome(text: string, module: Module, thread: Thread): string {
  try {
    const value = drive(run(new Source("example", text), module, new Map(), CELL_OPTIONS, thread));
    return `=> ${value === undefined ? "nothing" : repr(value)}`;
  } catch (error) {
    if (error instanceof StarlarkError) return `error: ${error.message}`;
    throw error;
  }
}

for (const { line, text } of blocks) {
  test(`the example on line ${line} of the page comes out as it says`, () => {
    const load = loader({
      // eslint-disable-next-line require-yield
      *read(name) {
        throw new Error(`${name} is no file`);
      },
    });
    const thread = new Thread({ print: () => undefined, load });
    const module = new Module("example");
    const { parts, rest } = examples(text);
    assert.ok(parts.length > 0 && rest.trim() === "", "every line is part of an example");
    for (const part of parts) assert.equal(outcome(part.text, module, thread), part.outcome, part.text);
  });
}

test("the page names every built-in function", () => {
  const section = page.slice(page.indexOf("## Built in"));
  assert.deepEqual(
    [...universe.keys()].filter((name) => !section.includes(`\`${name}\``)),
    [],
  );
});
