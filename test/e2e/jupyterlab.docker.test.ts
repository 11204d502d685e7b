/** JupyterLab in a real browser: a notebook's cells run in our kernel and its charts are drawn. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { JupyterHome, STANDIN } from "../jupyter/support/kernelspec.ts";
import { Lab } from "./support/lab.ts";

const PICTURES = join(import.meta.dirname, "../../out/pictures");

test("JupyterLab runs a notebook in our kernel and draws a Vega-Lite output of it", async () => {
  const root = mkdtempSync(join(tmpdir(), "faultbook-notebooks-"));
  using home = new JupyterHome(STANDIN);
  try {
    writeFileSync(
      join(root, "standin.ipynb"),
      notebook(home.name, ["print hello\nresult 42", "display d first", "update d second", "chart"]),
    );
    await using lab = await Lab.start(home, root);
    const opened = await lab.open("standin.ipynb");
    assert.equal(await opened.runAll(60_000), true);
    assert.equal(await opened.charts(1, 30_000), 1);
    const [first, display] = await opened.outputs();
    assert.match(String(first), /hello[^]*42/);
    assert.match(String(display), /second/);
    assert.deepEqual(await opened.dialogs(), []);
    await opened.screenshot(join(PICTURES, "jupyterlab-standin.png"));
    await opened.screenshotOutput(3, join(PICTURES, "jupyterlab-standin-chart.png"));
    await opened.save();
    assert.match(readFileSync(join(root, "standin.ipynb"), "utf8"), /"image\/png"/);
  } finally {
    rmSync(root, { recursive: true });
  }
});

test("JupyterLab's interrupt ends the running cell and those behind it, and the kernel goes on", async () => {
  const root = mkdtempSync(join(tmpdir(), "faultbook-notebooks-"));
  using home = new JupyterHome(STANDIN);
  try {
    writeFileSync(join(root, "long.ipynb"), notebook(home.name, ["print first", "print running\nsleep 600000", "print never"]));
    await using lab = await Lab.start(home, root);
    const long = await lab.open("long.ipynb");
    const done = long.runAll(60_000);
    await long.shows("running", 60_000);
    await long.interrupt();
    assert.equal(await done, false);
    const outputs = await long.outputs();
    assert.match(outputs.join(), /interrupted/);
    assert.doesNotMatch(outputs.join(), /never/);
    assert.equal(await long.execute("print next"), 3, "the same kernel, which did not count the cell that never ran");
  } finally {
    rmSync(root, { recursive: true });
  }
});

function notebook(kernel: string, cells: readonly string[]): string {
  const metadata = { kernelspec: { name: kernel, display_name: kernel, language: "starlark" }, language_info: { name: "starlark" } };
  const code = (source: string, n: number) => ({
    ...{ cell_type: "code", id: `cell-${n}`, execution_count: null, metadata: {}, outputs: [], source },
  });
  return JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata, cells: cells.map(code) });
}
