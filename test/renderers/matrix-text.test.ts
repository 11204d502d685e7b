/** The matrix as plain text. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { terminalColumns } from "../../renderers/columns.ts";
import { matrixText } from "../../renderers/matrix.ts";
import type { MatrixRecord } from "../../model/verdict.ts";
import { ALL } from "./support/examples.ts";
import { running } from "./support/running.ts";
import { shop } from "./support/shop.ts";
import { unicode } from "./support/unicode.ts";
import { verdicts } from "./support/verdicts.ts";

test("the shop's matrix: grid, counts, a line for each cell that isn't a plain pass, where each fault fired", () => {
  assert.equal(
    matrixText(shop().record),
    `\
┌──────────────┬──────────┬──────────┬────────────┬────────────┐
│              │ baseline │ db_down  │ db_slow    │ disk_full  │
├──────────────┼──────────┼──────────┼────────────┼────────────┤
│ create_order │ ✓ 34 ms  │ ✓ 41 ms  │ ✗ 3.05 s   │ ✓ 59 ms    │
│ health_check │ ✓ 4.1 ms │ ✓ 6.2 ms │ ○ bypassed │ ○ bypassed │
└──────────────┴──────────┴──────────┴────────────┴────────────┘
2 scenarios × 3 faults = 6: ✓ 3 passed, ✗ 1 failed, ○ 2 bypassed

✗ create_order × db_slow: failed: expected an answer within 1 s, got 504 after
    3.05 s (line 12 of the cell: assert_true(r.duration_ms < 1000))
✓ create_order × disk_full: needs a restart: db had exited with 1; restarted,
    then well; db had died before the answer
✓ health_check × db_down: tolerated
○ health_check × db_slow: bypassed: no connect: 14 sends on pooled connections
    to db
○ health_check × disk_full: bypassed: 3 hits, all in checkpointer (pid 41)

db_down: refused 4, reset 6
  connect to db 172.18.0.2:5432 by node (pid 4711)
db_slow: delayed 1 connect, reset 5
  connect to db 172.18.0.2:5432 by node (pid 4711)
disk_full: denied 1 write; off the path: 3 in checkpointer (pid 41)
  pwrite64 on pg_wal/000000010000000000000001 by postgres (pid 88)`,
  );
});

for (const [name, make] of Object.entries(ALL)) {
  test(`no line of "${name}" is wider than what was asked for`, () => {
    for (const width of [40, 80, 120]) {
      for (const line of matrixText(make().record, { width }).split("\n")) assert(terminalColumns(line) <= width, `${width}: ${line}`);
    }
  });
}

test("a grid wider than the terminal becomes a list with the same cells", () => {
  const { record } = shop();
  const list = matrixText(record, { width: 50 });
  assert(!list.includes("│"));
  assert.match(
    list,
    /^create_order\n {2}baseline {3}✓ 34 ms\n {2}db_down {4}✓ 41 ms\n {2}db_slow {4}✗ 3.05 s\n {2}disk_full {2}✓ 59 ms\n\nhealth_check\n/,
  );
});

test("rows of a grid are of one width, also with wide and combining characters", () => {
  const { record } = unicode();
  const grid = matrixText(record, { width: 200 })
    .split("\n")
    .filter((line) => /^[┌│├└]/.test(line));
  assert.equal(grid.length, 7);
  assert.equal(new Set(grid.map(terminalColumns)).size, 1);
});

test("what is excluded is subtracted", () => {
  const text = matrixText(verdicts().record);
  assert(text.includes("3 scenarios × 4 faults − 1 excluded = 11: ✓ 1 passed"));
  assert(text.includes("– excluded"));
});

test("of a running matrix, the next cell in the order of running is the one in progress", () => {
  const { record } = running();
  const rows = (cells: typeof record.cells): string[] =>
    matrixText({ ...record, cells })
      .split("\n")
      .filter((line) => line.startsWith("│ create") || line.startsWith("│ health"));
  assert.deepEqual(rows(record.cells), [
    "│ create_order │ ✓ 34 ms  │ ✓ 41 ms  │ ✗ 3.05 s │ ·         │",
    "│ health_check │ ✓ 4.1 ms │ ✓ 6.2 ms │ …        │ ·         │",
  ]);
  assert.match(matrixText(record), /… 1 running, · 2 to come\n/);
  assert.match(rows(record.cells.slice(0, 1)).join(), /health_check │ …/, "baselines come first");
  assert.match(rows(record.cells.slice(0, 4)).join(), /create_order │ ✓ 34 ms {2}│ ✓ 41 ms {2}│ … /, "then fault by fault");
  const ahead = shop().record.cells.filter(
    ({ scenario, fault }) => fault === undefined || (fault === "disk_full" && scenario === "create_order"),
  );
  assert.match(rows(ahead).join(), /health_check │ ✓ 4.1 ms │ · +│ · +│ … /, "a fault that was begun goes on");
  const named: MatrixRecord = { ...record, running: { scenario: "create_order", fault: "disk_full" } };
  assert.match(matrixText(named), /create_order │ ✓ 34 ms {2}│ ✓ 41 ms {2}│ ✗ 3.05 s │ … /, "unless the record knows better");
});

test("a matrix that was interrupted says how many of its runs never began", () => {
  const { record } = running();
  const text = matrixText({ ...record, state: "interrupted" });
  assert.match(text, /∅ 3 runs never begun: the matrix was interrupted/);
  assert.match(text, /disk_full: never armed/);
});

test("a fault that was armed and never fired says so", () => {
  assert.match(matrixText(verdicts().record), /queue_down: never fired/);
});
