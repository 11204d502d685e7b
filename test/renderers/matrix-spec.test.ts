/** The matrix as Vega-Lite: what is drawn, before and after a cell is chosen. Run with UPDATE_SNAPSHOTS=1 to write the snapshots anew. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { format } from "prettier";
import { matrixSpec } from "../../renderers/matrix.ts";
import { GRID, LANES } from "../../renderers/limits.ts";
import { draw, isValid, marksOf, rowsOf, textsOf } from "./support/drawing.ts";
import { ALL, SMALL } from "./support/examples.ts";
import { flood } from "./support/flood.ts";
import { large } from "./support/large.ts";
import { running } from "./support/running.ts";
import { shop } from "./support/shop.ts";
import { unicode } from "./support/unicode.ts";
import { verdicts } from "./support/verdicts.ts";

const specOf = (name: string): ReturnType<typeof matrixSpec> => {
  const example = ALL[name]?.();
  assert(example !== undefined);
  return matrixSpec(example.record, example.events);
};

for (const name of Object.keys(SMALL)) {
  test(`the specification of "${name}" is the snapshot's`, async () => {
    const spec = specOf(name);
    const file = new URL(`snapshots/${name}.json`, import.meta.url);
    if (process.env["UPDATE_SNAPSHOTS"] === "1")
      writeFileSync(file, await format(JSON.stringify(spec), { parser: "json", printWidth: 140 }));
    assert.deepEqual(JSON.parse(JSON.stringify(spec)), JSON.parse(readFileSync(file, "utf8")));
  });
}

for (const name of Object.keys(ALL)) {
  test(`"${name}" lies within Vega-Lite 5.6.1 and is drawn without a warning`, async () => {
    const spec = specOf(name);
    assert(isValid(spec));
    assert.deepEqual((await draw(spec)).warnings, []);
  });
}

test("the schema check would notice a misspelt property", () => {
  assert(!isValid({ ...specOf("shop"), vconcatt: [] }));
});

test("each baseline and each cell is drawn, with its verdict, its time and what the fault did", async () => {
  const drawn = await draw(specOf("shop"));
  assert.equal(marksOf(drawn, "cells"), 8);
  const texts = textsOf(drawn);
  for (const text of ["shop_matrix", "2 scenarios × 3 faults = 6", "✓ 3 passed", "✗ 1 failed", "○ 2 bypassed"])
    assert(texts.includes(text), text);
  for (const text of [
    "✓ 41 ms",
    "refused 3, reset 5",
    "recovered in 38 ms",
    "✗ 3.05 s",
    "needs a restart",
    "3 hits, all in checkpointer",
  ]) {
    assert(texts.includes(text), text);
  }
});

test("to begin with, a cell that failed is chosen, else one that proves nothing, else one whose fault fired", async () => {
  const { record, events } = shop();
  const title = async (cells: typeof record.cells): Promise<boolean[]> => {
    const texts = textsOf(await draw(matrixSpec({ ...record, cells }, events)));
    return ["create_order × db_slow", "health_check × db_slow", "create_order × db_down"].map((text) => texts.includes(text));
  };
  assert.deepEqual(await title(record.cells), [true, false, false]);
  assert.deepEqual(await title(record.cells.filter(({ verdict }) => verdict !== "failed")), [false, true, false]);
  assert.deepEqual(await title(record.cells.filter(({ verdict }) => verdict === "passed")), [false, false, true]);
});

test("choosing a cell shows its facts and its run in place of those before, on the same lanes", async () => {
  const spec = specOf("shop");
  const cells = rowsOf(spec, "cells").map(({ cell, span }) => ({ cell: String(cell), span: Number(span) }));
  assert.equal(cells.length, 8);
  const seen = new Set<string>();
  for (const chosen of cells) {
    const drawn = await draw(spec, chosen);
    for (const [layer, set] of [
      ["run_bars", "bars"],
      ["run_points", "points"],
      ["run_labels", "labels"],
    ] as const) {
      assert.equal(
        marksOf(drawn, layer),
        rowsOf(spec, set).filter(({ cell }) => cell === chosen.cell).length,
        `${layer} of ${chosen.cell}`,
      );
    }
    assert.deepEqual(drawn.warnings, []);
    const texts = textsOf(drawn);
    for (const lane of ["test", "db", "inventory", "api"]) assert(texts.includes(lane), lane);
    seen.add(`${marksOf(drawn, "run_bars")} ${marksOf(drawn, "run_points")} ${texts.join()}`);
  }
  assert.equal(seen.size, 8);
});

test("the time axis ends with the chosen run", async () => {
  const spec = specOf("shop");
  assert(textsOf(await draw(spec, { cell: "0.1", span: 45 })).includes("40 ms"));
  const slow = textsOf(await draw(spec, { cell: "0.2", span: 3500 }));
  assert(slow.includes("3 s") && !slow.includes("40 ms"));
});

test("a run shows probes, the armed fault, denied calls, resets, output, deaths and violations", async () => {
  const spec = specOf("shop");
  const down = textsOf(await draw(spec, { cell: "0.1", span: 45 }));
  for (const text of ["POST /orders → 503", "db_down: connect deny(connection refused)", "reset 5", "connect db → ECONNREFUSED"])
    assert(down.includes(text), text);
  const full = textsOf(await draw(spec, { cell: "0.3", span: 60 }));
  for (const text of ["ENOSPC", "died", "restarted", "orders_are_durable: order 1 was acknowledged and is gone"])
    assert(full.includes(text), text);
});

test("of a running matrix, cells to come and the one that runs are told apart, and neither looks like a verdict", async () => {
  const { record, events } = running();
  const texts = textsOf(await draw(matrixSpec(record, events)));
  assert.equal(texts.filter((text) => text === "·").length, 2);
  assert.equal(texts.filter((text) => text === "…").length, 1);
  assert(texts.includes("… 1 running") && texts.includes("· 2 to come"));
});

test("every verdict is named, with its glyph", async () => {
  const { record, events } = verdicts();
  const texts = textsOf(await draw(matrixSpec(record, events)));
  const wanted = [
    "✓ 1 passed",
    "✗ 1 failed",
    "≠ 1 expectation violated",
    "○ 1 bypassed",
    "! 1 errored",
    "? 1 inconclusive",
    "∅ 4 not run",
    "↻ 1 stale",
    "– excluded",
  ];
  for (const text of wanted) assert(texts.includes(text), text);
});

test("names in any script, markup and quotes come out as they went in", async () => {
  const { record, events } = unicode();
  const texts = textsOf(await draw(matrixSpec(record, events)));
  for (const text of [record.name, "ausfall_größe", "数据库故障", "注文する", "δοκιμή", "connect 数据库 → ECONNREFUSED"])
    assert(texts.includes(text), text);
});

test("an output doesn't grow with the number of events, and says what it left out", async () => {
  const { record, events } = flood();
  const all = matrixSpec(record, events);
  const half = matrixSpec(record, (cell) => events(cell).filter(({ seq, type }) => seq % 2 === 0 || type !== "syscall"));
  const size = (spec: typeof all): number => JSON.stringify(spec).length;
  assert(size(all) < 60_000, `${size(all)} bytes`);
  assert(size(all) < size(half) * 1.2);
  const marks = rowsOf(all, "points").length + rowsOf(all, "bars").length;
  assert(marks <= 2 * LANES.marks && rowsOf(all, "labels").length <= LANES.labels);
  assert(textsOf(await draw(all)).some((text) => /^showing 100,000 events as \d+ marks$/.test(text)));
});

test("20 × 12 with long names stays below a megabyte, and its names can be told apart", async () => {
  const { record, events } = large();
  const spec = matrixSpec(record, events);
  assert(JSON.stringify(spec).length < 1_000_000);
  const drawn = await draw(spec);
  assert.equal(marksOf(drawn, "cells"), 20 * 13);
  const names = textsOf(drawn).filter((text) => text.startsWith("…"));
  assert.equal(new Set(names).size, names.length);
  assert(names.length >= 32);
});

test("rows and columns beyond the limits are counted below the grid", async () => {
  const { record, events } = large();
  const scenarios = Array.from({ length: GRID.scenarios + 3 }, (_, index) => `s${index}`);
  const faults = Array.from({ length: GRID.faults + 1 }, (_, index) => `f${index}`);
  const drawn = await draw(matrixSpec({ ...record, scenarios, faults, cells: [] }, events));
  assert.equal(marksOf(drawn, "cells"), GRID.scenarios * (1 + GRID.faults));
  assert(textsOf(drawn).includes("and 3 scenarios and 1 fault more, in the text of this output"));
});
