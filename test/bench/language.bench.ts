/**
 * How long programs of the language take, beside the same programs in starlark-go in the same run and in turn with it.
 * Budget: at most 4 times its time (geometric mean), none above 8. Needs Go, and its module proxy the first time; without,
 * there is no reference, and that is said.
 *
 *     node test/bench/language.bench.ts [ROUNDS] [PROGRAM]
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { createInterface } from "node:readline";
import { FILE_OPTIONS, Module, repr, run, Source, Thread } from "../../kernel/language/index.ts";
import type { Value } from "../../kernel/language/index.ts";

const FOLDER = join(import.meta.dirname, "language");
const MEAN_MAX = 4;
const SINGLE_MAX = 8;

function drive<T>(computation: Generator<unknown, T, unknown>): T {
  let step = computation.next();
  while (step.done !== true) step = computation.next();
  return step.value;
}

class Program {
  readonly #thread = new Thread({ print: () => undefined });
  readonly #main: Value;

  constructor(file: string) {
    const module = new Module(file);
    drive(run(new Source(file, readFileSync(join(FOLDER, file), "utf8")), module, new Map(), FILE_OPTIONS, this.#thread));
    this.#main = module.globals.get("main") ?? null;
  }

  round(): { ms: number; result: string } {
    const start = performance.now();
    const result = drive(this.#thread.call(this.#main, []));
    return { ms: performance.now() - start, result: repr(result) };
  }
}

/** starlark-go in a process of its own. */
class Reference {
  readonly #child;
  readonly #lines: AsyncIterator<string>;

  constructor(binary: string) {
    this.#child = spawn(binary, { cwd: FOLDER, stdio: ["pipe", "pipe", "inherit"] });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async round(file: string): Promise<{ ms: number; result: string }> {
    this.#child.stdin.write(`${file} 1\n`);
    const ms = Number(await this.#line());
    return { ms, result: await this.#line() };
  }

  async #line(): Promise<string> {
    const next = await this.#lines.next();
    if (next.done === true) throw new Error("starlark-go ended");
    return next.value;
  }

  close(): void {
    this.#child.stdin.end();
  }
}

function build(folder: string): string | undefined {
  const binary = join(folder, "starlark-go");
  const built = spawnSync("go", ["build", "-o", binary, "."], { cwd: FOLDER, encoding: "utf8", timeout: 300_000 });
  if (built.status === 0) return binary;
  console.log(`no reference: ${built.error?.message ?? built.stderr}`);
  return undefined;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}

const [rounds = "9", only] = process.argv.slice(2);
const temporary = mkdtempSync(join(tmpdir(), "faultbook-bench-"));
const ratios: number[] = [];
try {
  const binary = build(temporary);
  const reference = binary === undefined ? undefined : new Reference(binary);
  for (const file of readdirSync(FOLDER).filter((name) => name.endsWith(".star") && (only === undefined || name.startsWith(only)))) {
    const program = new Program(file);
    const [ours, theirs]: [number[], number[]] = [[], []];
    for (let i = 0; i < Number(rounds); i++) {
      const own = program.round();
      const other = await reference?.round(file);
      if (other !== undefined && other.result !== own.result)
        throw new Error(`${file}: ${own.result}, but starlark-go says ${other.result}`);
      ours.push(own.ms);
      if (other !== undefined) theirs.push(other.ms);
    }
    const ratio = median(ours) / median(theirs);
    ratios.push(ratio);
    const beside =
      reference === undefined
        ? ""
        : `, starlark-go ${median(theirs).toFixed(1)} ms: ${ratio.toFixed(2)} times${ratio > SINGLE_MAX ? " (over budget)" : ""}`;
    console.log(`${file.replace(".star", "").padEnd(15)} ${median(ours).toFixed(1).padStart(7)} ms${beside}`);
  }
  reference?.close();
  if (reference !== undefined) {
    const mean = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
    console.log(`geometric mean  ${mean.toFixed(2)} times starlark-go (budget ${MEAN_MAX}, none above ${SINGLE_MAX})`);
    if (mean > MEAN_MAX || Math.max(...ratios) > SINGLE_MAX) process.exitCode = 1;
  }
} finally {
  rmSync(temporary, { recursive: true });
}
