/** Widths of texts, against the font that is shipped; names that are shortened. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fitNames, fitPixels, textPixels, wrapPixels } from "../../renderers/pixels.ts";

for (const [file, bold] of [
  ["DejaVuSans.ttf", false],
  ["DejaVuSans-Bold.ttf", true],
] as const) {
  test(`the table of widths is that of ${file}, a TrueType font`, () => {
    const advance = advances(readFileSync(new URL(import.meta.resolve(`dejavu-fonts-ttf/ttf/${file}`))));
    for (let code = 0x20; code < 0x7f; code++) {
      const character = String.fromCharCode(code);
      assert(Math.abs(textPixels(character, { size: 1000, bold }) - advance(code)) <= 0.5, character);
    }
    for (const word of ["größe", "база_недоступна", "δοκιμή", "✓ 41 ms", "✗ 3.05 s", "○ bypassed", "connect → db …"]) {
      const real = Array.from(word).reduce((sum, character) => sum + advance(character.codePointAt(0) ?? 0), 0);
      const ours = textPixels(word, { size: 1000, bold });
      assert(ours > real * 0.98 && ours < real * 1.2, `${word}: ${ours} for ${real}`);
    }
  });
}

const type = { size: 12 } as const;

test("a text that is cut fits, ends with an ellipsis and keeps its characters whole", () => {
  const cut = fitPixels("naïve e\u0301te\u0301 👨‍👩‍👧 and so on and so on", 90, type);
  assert(cut.endsWith("…") && textPixels(cut, type) <= 90);
  assert(!/[\u200d\ud800-\udbff]…$/.test(cut));
  assert.equal(fitPixels("short", 90, type), "short");
  assert.equal(fitPixels("much too long", 8, type), "");
});

test("names of one family keep what tells them apart", () => {
  const names = ["a", "b", "c"].map((letter) => `payment_provider_${letter}_unreachable_from_checkout`);
  const fitted = fitNames(names, 110, type);
  assert.equal(new Set(fitted).size, 3);
  for (const name of fitted) assert(textPixels(name, type) <= 110, name);
  assert.deepEqual(fitNames(["db_down", "db_slow"], 110, type), ["db_down", "db_slow"]);
  assert.match(fitNames(["a_single_name_that_is_too_long_for_its_column"], 110, type)[0] ?? "", /^a_sin.*….*umn$/);
});

test("lines break between words, and the last one that may be says that there is more", () => {
  const lines = wrapPixels("one two three four five six seven eight nine ten", 60, type, 3);
  assert.equal(lines.length, 3);
  assert(lines.every((line) => textPixels(line, type) <= 60));
  assert(lines[2]?.endsWith("…"));
  assert.deepEqual(wrapPixels("", 60, type, 3), []);
});

/** Advance width by code point, in thousandths of the font size (OpenType: head, hhea, hmtx, cmap format 12). */
function advances(font: Buffer): (code: number) => number {
  assert.equal(font.readUInt32BE(0), 0x00010000, "TrueType outlines");
  const table = (name: string): number => {
    for (let at = 12; at < 12 + 16 * font.readUInt16BE(4); at += 16)
      if (font.toString("latin1", at, at + 4) === name) return font.readUInt32BE(at + 8);
    return assert.fail(`no table ${name}`);
  };
  const [cmap, hmtx] = [table("cmap"), table("hmtx")];
  const units = font.readUInt16BE(table("head") + 18);
  const metrics = font.readUInt16BE(table("hhea") + 34);
  let groups = 0;
  for (let at = cmap + 4; at < cmap + 4 + 8 * font.readUInt16BE(cmap + 2); at += 8) {
    const offset = cmap + font.readUInt32BE(at + 4);
    if (font.readUInt16BE(offset) === 12) groups = offset + 12;
  }
  return (code) => {
    for (let at = groups + 4; at < groups + 4 + 12 * font.readUInt32BE(groups); at += 12) {
      if (code < font.readUInt32BE(at) || code > font.readUInt32BE(at + 4)) continue;
      const glyph = font.readUInt32BE(at + 8) + code - font.readUInt32BE(at);
      return (font.readUInt16BE(hmtx + 4 * Math.min(glyph, metrics - 1)) * 1000) / units;
    }
    return assert.fail(`no glyph for ${code}`);
  };
}
