/**
 * `faultbook run FILE`: a notebook or a .star file without Jupyter. It speaks to a session process as the kernel does, and
 * turns the verdicts into an exit status. Only for what comes with the clone is anything set up; elsewhere what is missing is an error that says how to get it.
 */
import { access, constants, readFile, stat, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join, resolve, sep } from "node:path";
import { Child } from "../../kernel/jupyter/child.ts";
import { Problem } from "../../model/problem.ts";
import { exitStatus } from "../../model/verdict.ts";
import { Notebook } from "../notebook.ts";
import { ROOT } from "../place.ts";
import { setUp } from "../setup/set-up.ts";
import { TerminalView } from "../terminal.ts";
import type { Verb } from "../verb.ts";
import { readArguments, usageProblem } from "../verb.ts";
import type { NamedVerdict } from "../verdicts.ts";
import { summary, verdictsOf } from "../verdicts.ts";

const SESSION_MAIN = join(import.meta.dirname, "..", "..", "kernel", "session", `main${extname(import.meta.filename)}`);
/** A cell with this tag may fail, as in Jupyter's own tools. */
const MAY_RAISE = "raises-exception";

export const run: Verb = {
  usage: "run FILE [--out FILE]",
  async run(args) {
    const { values, positionals } = readArguments(args, run.usage, { out: { type: "string" } }, { least: 1, most: 1 });
    const path = resolve(positionals[0] ?? "");
    const out = values.out === undefined ? undefined : resolve(values.out);
    const notebook = await open(path);
    if (out !== undefined) await checkWritable(out);
    // What comes with the clone has its images and packages made by us; elsewhere they are the author's.
    if (path.startsWith(join(ROOT, "notebooks") + sep)) await setUp({ docker: true, jupyter: false });
    // Paths in cells are relative to their notebook, and the session process begins where we are.
    process.chdir(dirname(path));
    const { verdicts, error } = await execute(notebook, new TerminalView(process.stdout));
    console.log(`${basename(path)}: ${summary(verdicts)}`);
    for (const { name, verdict } of verdicts) if (verdict !== "passed" && verdict !== "excluded") console.log(`  ${name}: ${verdict}`);
    if (out !== undefined) {
      await writeFile(out, notebook.write()).catch((error: unknown) => {
        throw unwritable(out, error);
      });
    }
    return error ? 1 : exitStatus(verdicts.map(({ verdict }) => verdict));
  },
};

async function open(path: string): Promise<Notebook> {
  const kind = extname(path);
  if (kind !== ".ipynb" && kind !== ".star")
    throw usageProblem(`${basename(path)} is neither a notebook (.ipynb) nor spec (.star)`, run.usage);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
    throw usageProblem(missing ? `there is no file ${path}` : `${path} can't be read: ${String(error)}`, run.usage);
  }
  return kind === ".ipynb" ? Notebook.parse(text, path) : Notebook.ofSpec(text);
}

/** Before anything is run: a result that can't be kept is not worth minutes. */
async function checkWritable(out: string): Promise<void> {
  try {
    await access(dirname(out), constants.W_OK);
    if ((await stat(out).catch(() => undefined))?.isDirectory() === true) throw new Error("it is a directory");
  } catch (error) {
    throw unwritable(out, error);
  }
}

function unwritable(out: string, error: unknown): Problem {
  const why = error instanceof Error ? error.message : String(error);
  return new Problem(
    "OUT_UNWRITABLE",
    "system",
    `${out} can't be written: ${why}`,
    "Name another file with --out; the notebook that was run is unchanged.",
  );
}

interface Outcome {
  readonly verdicts: readonly NamedVerdict[];
  /** Whether a cell ended with an error, after which no other was run. */
  readonly error: boolean;
}

async function execute(notebook: Notebook, view: TerminalView): Promise<Outcome> {
  const session = new Child(SESSION_MAIN);
  const release = handleSignals(session);
  const verdicts: NamedVerdict[] = [];
  try {
    for (const [i, { id, source, tags }] of notebook.codeCells.entries()) {
      const count = i + 1;
      notebook.begin(id, count);
      const done = await session.execute({ type: "execute", id: count, code: source, cell: { count, id }, silent: false }, (output) => {
        notebook.record(id, output);
        view.show(output);
      });
      view.endCell();
      if (done === undefined) {
        const { how, lastWords } = await session.ended;
        throw new Problem(
          "SESSION_DIED",
          "faultbook",
          `The session process died in cell ${count} (${how}). ${lastWords}`,
          "Is something missing? Try: faultbook doctor",
        );
      }
      verdicts.push(...verdictsOf(done.metadata));
      if (done.status === "error" && !tags.includes(MAY_RAISE)) return { verdicts, error: true };
    }
    return { verdicts, error: false };
  } finally {
    session.tell({ type: "shutdown" });
    await session.ended;
    release();
  }
}

/** ^C ends the running cell, and with it the run; the session cleans up in any case. */
function handleSignals(session: Child): () => void {
  const interrupt = (): void => session.tell({ type: "interrupt" });
  const end = (): void => session.tell({ type: "shutdown" });
  process.on("SIGINT", interrupt).on("SIGTERM", end).on("SIGHUP", end);
  return () => process.off("SIGINT", interrupt).off("SIGTERM", end).off("SIGHUP", end);
}
