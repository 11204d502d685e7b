import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { test } from "node:test";
import { faultbook } from "./faultbook.ts";

async function directory(t: TestContext): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), "faultbook run "));
  t.after(() => rm(made, { recursive: true }));
  return made;
}

async function file(t: TestContext, name: string, content: string | object): Promise<string> {
  const path = join(await directory(t), name);
  await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

const code = (id: string, source: string, metadata: object = {}) => ({
  cell_type: "code",
  id,
  metadata,
  source,
  outputs: [],
  execution_count: null,
});
const notebook = (...cells: readonly object[]) => ({ nbformat: 4, nbformat_minor: 5, metadata: { kept: "as it was" }, cells });

test("a syntax error ends with 1 and shows its line with a mark under the place", async (t) => {
  const { status, stdout } = await faultbook(["run", await file(t, "bad.star", "x = 1\ndef f(:\n    return x\n")]);
  assert.equal(status, 1);
  assert.match(stdout, /line 2, column 7\ndef f\(:\n {6}\^\n/);
});

test("a scenario that holds ends with 0, one that doesn't with 2 and its name", async (t) => {
  const passing = await faultbook(["run", await file(t, "a.star", "def fine():\n    return 1\nscenario(fine)\n")]);
  assert.equal(passing.status, 0, passing.stdout + passing.stderr);
  assert.match(passing.stdout, /a\.star: 1 passed\n$/);

  const failing = await faultbook(["run", await file(t, "b.star", "def broken():\n    assert_eq(1, 2)\nscenario(broken)\n")]);
  assert.equal(failing.status, 2);
  assert.match(failing.stdout, /b\.star: 1 failed\n {2}broken: failed\n$/);
});

test("a cell that ends with an error is the last that runs, unless its tag says that it may", async (t) => {
  const cells = [code("one", "print('first')"), code("two", "fail('on purpose')"), code("three", "print('third')")];
  const stopped = await faultbook(["run", await file(t, "n.ipynb", notebook(...cells))]);
  assert.equal(stopped.status, 1);
  assert.match(stopped.stdout, /first\n[^]*on purpose/);
  assert.doesNotMatch(stopped.stdout, /third/);

  cells[1] = code("two", "fail('on purpose')", { tags: ["raises-exception"] });
  const through = await faultbook(["run", await file(t, "n.ipynb", notebook(...cells))]);
  assert.equal(through.status, 0);
  assert.match(through.stdout, /third/);
});

test("names of one cell are there in the next, and paths are relative to the notebook", async (t) => {
  const path = await file(t, "n.ipynb", notebook(code("one", 'load("other.star", "answer")'), code("two", "print(answer + 1)")));
  await writeFile(join(path, "..", "other.star"), "answer = 41\n");
  const { stdout, status } = await faultbook(["run", path], { cwd: tmpdir() });
  assert.match(stdout, /^42$/m);
  assert.equal(status, 0);
});

test("an --out that can't be written is told before anything is run, and a full disk after the verdicts", async (t) => {
  const path = await file(t, "n.star", "print('it ran')");
  const nowhere = await faultbook(["run", path, "--out", "/nonexistent/out.ipynb"]);
  assert.equal(nowhere.status, 1);
  assert.match(nowhere.stderr, /can't be written/);
  assert.doesNotMatch(nowhere.stdout, /it ran/);
  const full = await faultbook(["run", path, "--out", "/dev/full"]);
  assert.equal(full.status, 1);
  assert.match(full.stdout, /it ran[^]*n\.star:/);
  assert.match(full.stderr, /\/dev\/full can't be written/);
  assert.doesNotMatch(full.stderr, /our own fault/);
});

test("--out writes the notebook with its outputs and leaves the original alone", async (t) => {
  const path = await file(
    t,
    "n.ipynb",
    notebook({ cell_type: "markdown", id: "text", metadata: {}, source: "# A\ntitle" }, code("one", "print('a')\nprint('b')\n1 + 1")),
  );
  const before = await readFile(path, "utf8");
  const out = join(path, "..", "out.ipynb");
  assert.equal((await faultbook(["run", path, "--out", out])).status, 0);
  assert.equal(await readFile(path, "utf8"), before);
  const written: unknown = JSON.parse(await readFile(out, "utf8"));
  assert.deepEqual(written, {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: { kept: "as it was" },
    cells: [
      { cell_type: "markdown", id: "text", metadata: {}, source: ["# A\n", "title"] },
      {
        cell_type: "code",
        id: "one",
        metadata: {},
        source: ["print('a')\n", "print('b')\n", "1 + 1"],
        execution_count: 1,
        outputs: [
          { output_type: "stream", name: "stdout", text: ["a\n", "b\n"] },
          { output_type: "execute_result", execution_count: 1, data: { "text/plain": ["2"] }, metadata: {} },
        ],
      },
    ],
  });
});

test("run again on what it wrote, it writes the same bytes", async (t) => {
  const path = await file(t, "n.ipynb", notebook(code("one", "print('a')"), code("two", "[1, 2]")));
  const [first, second] = [join(path, "..", "1.ipynb"), join(path, "..", "2.ipynb")];
  await faultbook(["run", path, "--out", first]);
  await faultbook(["run", first, "--out", second]);
  assert.equal(await readFile(second, "utf8"), await readFile(first, "utf8"));
});

test("what is no notebook is said to be none, and why", async (t) => {
  assert.match((await faultbook(["run", await file(t, "n.ipynb", "{")])).stderr, /can't be read as a notebook/);
  assert.match((await faultbook(["run", await file(t, "n.ipynb", { nbformat: 3 })])).stderr, /its nbformat is 3, not 4/);
  const absent = await faultbook(["run", join(await directory(t), "absent.ipynb")]);
  assert.equal(absent.status, 1);
  assert.match(absent.stderr, /there is no file/);
});
