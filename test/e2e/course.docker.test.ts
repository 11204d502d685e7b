/** The first course chapter as its reader meets it: in JupyterLab, in a browser, with the real kernel on the real shop. */
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { JupyterHome } from "../jupyter/support/kernelspec.ts";
import { Lab } from "./support/lab.ts";

const ROOT = join(import.meta.dirname, "../..");
const PICTURES = join(ROOT, "out/pictures");
const CHAPTER = "course/1-three-layers.ipynb";

test("JupyterLab runs chapter 1 on the live shop: six cells are drawn, choosing one shows what happened in it, and the notebook keeps the picture", async () => {
  const notebooks = mkdtempSync(join(tmpdir(), "faultbook-notebooks-"));
  using home = new JupyterHome({ main: join(ROOT, "kernel/jupyter/main.ts") });
  try {
    cpSync(join(ROOT, "notebooks"), notebooks, { recursive: true });
    const file = join(notebooks, CHAPTER);
    writeFileSync(file, readFileSync(file, "utf8").replace('"name": "faultbook"', `"name": "${home.name}"`));
    await using lab = await Lab.start(home, notebooks);
    const chapter = await lab.open(CHAPTER);
    assert.equal(await chapter.runAll(180_000), true);
    // Two flows and the matrix.
    assert.equal(await chapter.charts(3, 30_000), 3);
    assert.deepEqual(await chapter.dialogs(), []);
    assert.deepEqual(
      chapter.complaints.filter((text) => /vega|infinite/i.test(text)),
      [],
    );
    const matrix = chapter.page.locator(".jp-RenderedVegaCommon5").last();
    const verdicts = matrix.locator("svg text").filter({ hasText: /^[✓✗○] [\d.]+ m?s$/ });
    assert.equal(await verdicts.count(), 8, "six cells and two baselines");
    await chapter.screenshotOutput(4, join(PICTURES, "matrix-bypassed.png"));

    // An order while new connections to the database are slow.
    await matrix.locator('[aria-label^="place_order × db_lags"]').first().click();
    await matrix.locator("svg text").filter({ hasText: "place_order × db_lags" }).first().waitFor({ timeout: 10_000 });
    await chapter.screenshotOutput(4, join(PICTURES, "matrix-chosen.png"));
    await chapter.page.locator(".jp-CodeCell").nth(4).scrollIntoViewIfNeeded();
    await chapter.screenshot(join(PICTURES, "jupyterlab.png"));

    await chapter.save();
    const saved = readFileSync(file, "utf8");
    assert.match(saved, /"application\/vnd\.vegalite\.v5\+json"/);
    assert.match(saved, /"image\/png"/);
    assert.doesNotMatch(saved, /"text\/html"/);
  } finally {
    rmSync(notebooks, { recursive: true });
  }
});
