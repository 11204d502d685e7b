/** The timeline of a single run. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { terminalColumns } from "../../renderers/columns.ts";
import { timelineBundle, timelineSpec, timelineText } from "../../renderers/timeline.ts";
import { draw, isValid, marksOf, rowsOf, textsOf } from "./support/drawing.ts";
import { flood, FLOOD_EVENTS } from "./support/flood.ts";
import { History } from "./support/history.ts";
import { shop } from "./support/shop.ts";

const { record, events } = shop();
const [cell] = record.cells.filter(({ scenario, fault }) => scenario === "create_order" && fault === "disk_full");
assert(cell !== undefined);
const run = events(cell);

test("a run alone is drawn on the same lanes as in a matrix, and nothing has to be chosen", async () => {
  const spec = timelineSpec("create_order", run, cell.window, record.services);
  assert(isValid(spec));
  const drawn = await draw(spec);
  assert.deepEqual(drawn.warnings, []);
  assert.equal(marksOf(drawn, "run_points"), rowsOf(spec, "points").length);
  assert.equal(marksOf(drawn, "run_bars"), rowsOf(spec, "bars").length);
  for (const text of ["create_order", "test", "db", "inventory", "api", "POST /orders → 500", "ENOSPC", "died"])
    assert(textsOf(drawn).includes(text), text);
});

test("as text it is a line for each fact", () => {
  assert.equal(
    timelineText("create_order", run, cell.window),
    `\
create_order · 59 ms, 9 events
    0 ms  db  fault armed: disk_full: write deny(no space left on device) (59 m…
  0.6 ms  test  POST /orders → 500 (57 ms)
   22 ms  db  denied: pwrite64 …/pg_wal/0000000…000001 → ENOSPC
   23 ms  db  PANIC: could not write to file: No space left on device
   31 ms  db  died: exited with 1
   31 ms  db  down (21 ms)
   52 ms  db  restarted
   57 ms  api  violation: orders_are_durable: order 1 was acknowledged and is g…`,
  );
});

test("the bundle has Vega-Lite, text, and the PNG when asked for", async () => {
  const bundle = await timelineBundle("create_order", run, cell.window, record.services, { picture: true });
  assert.deepEqual(Object.keys(bundle.data), ["application/vnd.vegalite.v5+json", "image/png", "text/plain"]);
  assert.deepEqual(Object.keys(bundle.metadata), ["application/vnd.vegalite.v5+json", "image/png"]);
});

test("an empty run has lanes and no marks, without a warning", async () => {
  const drawn = await draw(timelineSpec("nothing", [], { began_ms: 5, ended_ms: 5 }, ["db"]));
  assert.deepEqual(drawn.warnings, []);
  assert.equal(marksOf(drawn, "run_points"), 0);
  assert(textsOf(drawn).includes("db"));
});

test("100,000 events are drawn as a few, in both forms, and the output says so", async () => {
  const { record: long, events: of } = flood();
  const soak = long.cells[1];
  assert(soak !== undefined);
  const many = of(soak);
  assert(many.length >= FLOOD_EVENTS - 2);
  const spec = timelineSpec("soak", many, soak.window, long.services);
  assert(JSON.stringify(spec).length < 60_000);
  assert((await draw(spec)).warnings.length === 0);
  const lines = timelineText("soak", many, soak.window).split("\n");
  assert.equal(lines.length, 41);
  assert.match(lines[0] ?? "", /30 s, 100,000 events, showing 40 of 99,\d{3} lines/);
});

test("lines of the text stay within 80 columns, and line breaks in what a service wrote don't break them", () => {
  const history = new History(0).line(1, "api", `${"数据库 ".repeat(60)}\nsecond\r\n`).line(2, "api", "short");
  const lines = timelineText("a title that is really long ".repeat(8), history.events, { began_ms: 0, ended_ms: 5 }).split("\n");
  assert.equal(lines.length, 3);
  for (const line of lines) assert(terminalColumns(line) <= 80, line);
});
