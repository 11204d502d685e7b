import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Notebook } from "../../cli/notebook.ts";
import type { Output } from "../../kernel/messages.ts";
import { pythonProgram } from "../support/python.ts";
import { runProgram } from "./faultbook.ts";

function recorded(...outputs: readonly (readonly [cell: string, output: Output])[]): unknown {
  const cells = ["a", "b"].map((id) => ({ cell_type: "code", id, metadata: {}, source: "" }));
  const notebook = Notebook.parse(JSON.stringify({ nbformat: 4, metadata: {}, cells }), "n.ipynb");
  notebook.begin("a", 1);
  notebook.begin("b", 2);
  for (const [cell, output] of outputs) notebook.record(cell, output);
  const written = JSON.parse(notebook.write()) as { readonly cells: readonly { readonly outputs: unknown }[] };
  return written.cells.map((cell) => cell.outputs);
}

const stream = (text: string, name: "stdout" | "stderr" = "stdout"): Output => ({ kind: "stream", name, text });
const display = (text: string, id: string, update = false): Output => ({
  kind: "display",
  data: { "text/plain": text },
  metadata: {},
  display: id,
  update,
});
const shown = (text: string) => ({ output_type: "display_data", data: { "text/plain": [text] }, metadata: {} });

test("pieces of one stream become one output, as long as nothing comes between", () => {
  assert.deepEqual(recorded(["a", stream("x")], ["a", stream("y\n")], ["a", stream("e", "stderr")], ["a", stream("z")]), [
    [
      { output_type: "stream", name: "stdout", text: ["xy\n"] },
      { output_type: "stream", name: "stderr", text: ["e"] },
      { output_type: "stream", name: "stdout", text: ["z"] },
    ],
    [],
  ]);
});

test("an update replaces what was shown under its name, also in an earlier cell, and adds nothing", () => {
  assert.deepEqual(recorded(["a", display("1", "grid")], ["a", display("other", "else")], ["b", display("2", "grid", true)]), [
    [shown("2"), shown("other")],
    [],
  ]);
});

test("clear empties the cell, at once or when the next output comes", () => {
  assert.deepEqual(recorded(["a", stream("x")], ["a", { kind: "clear", wait: false }]), [[], []]);
  assert.deepEqual(recorded(["a", stream("x")], ["a", { kind: "clear", wait: true }]), [
    [{ output_type: "stream", name: "stdout", text: ["x"] }],
    [],
  ]);
  assert.deepEqual(recorded(["a", stream("x")], ["a", { kind: "clear", wait: true }], ["a", display("1", "d")]), [[shown("1")], []]);
});

test("a cell without an id gets one that is the same at the next reading", () => {
  const text = JSON.stringify({
    nbformat: 4,
    nbformat_minor: 2,
    metadata: {},
    cells: [{ cell_type: "code", metadata: {}, source: ["a\n", "b"] }],
  });
  const [first] = Notebook.parse(text, "n").codeCells;
  const [second] = Notebook.parse(text, "n").codeCells;
  assert.match(first?.id ?? "", /^[0-9a-f]{8}$/);
  assert.equal(second?.id, first?.id);
  assert.equal(first?.source, "a\nb");
});

test("nbformat finds what we write valid, and writes the very same bytes itself", async (t) => {
  const directory = await mkdtemp(join(tmpdir(), "faultbook-notebook-"));
  t.after(() => rm(directory, { recursive: true }));
  const notebook = Notebook.parse(
    JSON.stringify({
      nbformat: 4,
      nbformat_minor: 5,
      metadata: { zebra: 1, kernelspec: { name: "faultbook", display_name: "Faultbook", language: "starlark" } },
      cells: [
        { cell_type: "markdown", id: "text", metadata: {}, source: "Ünïcode → 🦓\nand more\n" },
        { cell_type: "code", id: "one", metadata: {}, source: "x = 1\n\nx", outputs: [], execution_count: null },
      ],
    }),
    "n.ipynb",
  );
  notebook.begin("one", 1);
  notebook.record("one", stream("a\nb"));
  notebook.record("one", {
    kind: "display",
    data: { "text/plain": "grid\nline", "image/png": "aGVsbG8=", "application/vnd.vegalite.v5+json": { b: [1, 0.5], a: null } },
    metadata: {},
  });
  notebook.record("one", { kind: "error", ename: "E", evalue: "v", traceback: ["t"] });
  notebook.record("one", { kind: "result", data: { "text/plain": "1" }, metadata: {} });
  const path = join(directory, "n.ipynb");
  await writeFile(path, notebook.write());
  const program = "import nbformat, sys; n = nbformat.read(sys.argv[1], 4); nbformat.validate(n); nbformat.write(n, sys.argv[2])";
  const again = join(directory, "again.ipynb");
  const { status, stderr } = await runProgram(pythonProgram("python"), ["-c", program, path, again]);
  assert.equal(status, 0, stderr);
  assert.equal(await readFile(path, "utf8"), await readFile(again, "utf8"));
});
