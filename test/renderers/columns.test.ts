/** Widths in a terminal, and lines broken there. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fitColumns, padColumns, terminalColumns, wrapColumns } from "../../renderers/columns.ts";

test("wide characters and emoji take two columns, combining ones none, glyphs of verdicts one", () => {
  const widths: Readonly<Record<string, number>> = {
    abc: 3,
    größe: 5,
    "e\u0301": 1,
    数据库: 6,
    ｆｕｌｌ: 8,
    한글: 4,
    "🧪": 2,
    "☁\uFE0F": 2,
    "👨‍👩‍👧": 2,
    "✓✗≠○!?∅↻·…–": 11,
    "│─": 2,
  };
  for (const [text, columns] of Object.entries(widths)) assert.equal(terminalColumns(text), columns, text);
});

test("texts are cut and padded by columns, not by characters", () => {
  assert.equal(fitColumns("数据库故障", 7), "数据库…");
  assert.equal(fitColumns("数据库", 6), "数据库");
  assert.equal(padColumns("数据", 6), "数据  ");
});

test("lines break between words, in a word only where it has to be, and all but the first are indented", () => {
  assert.deepEqual(wrapColumns("one two three", 8, "  "), ["one two", "  three"]);
  assert.deepEqual(wrapColumns("abcdefghij kl", 6, " "), ["abcdef", " ghij", " kl"]);
  assert.deepEqual(wrapColumns("", 6, " "), [""]);
});
