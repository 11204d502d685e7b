/**
 * How wide a text will be drawn, in CSS pixels, without drawing it: what labels need to keep out of each other's way. The
 * table is of DejaVu Sans, which we ship and which is the widest of the fonts a browser may take instead, so that what fits
 * here fits there. Nothing here knows what the text says.
 */
import { terminalColumns } from "./columns.ts";

/** Advance widths of U+0020 to U+007E in thousandths of the font size, from the fonts' hmtx tables. */
const REGULAR = [
  318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636, 636, 636, 636, 636, 636, 636, 636, 337,
  337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632, 575, 775, 752, 295, 295, 656, 557, 863, 748, 787, 603, 787, 695, 635, 611, 732,
  684, 989, 685, 611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612, 635,
  635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838,
] as const;
const BOLD = [
  348, 456, 521, 838, 696, 1002, 872, 306, 457, 457, 523, 838, 380, 415, 380, 365, 696, 696, 696, 696, 696, 696, 696, 696, 696, 696, 400,
  400, 838, 838, 838, 580, 1000, 774, 762, 734, 830, 683, 683, 821, 837, 372, 372, 775, 637, 995, 837, 850, 733, 850, 770, 720, 682, 812,
  774, 1103, 771, 724, 725, 457, 365, 457, 838, 500, 500, 675, 716, 593, 716, 678, 435, 716, 712, 343, 343, 665, 343, 1042, 712, 687, 716,
  716, 493, 595, 478, 712, 652, 924, 645, 652, 582, 712, 365, 712, 838,
] as const;

export interface Type {
  /** Font size in pixels. */
  readonly size: number;
  readonly bold?: boolean;
}

/** Width of a text in pixels: exact for ASCII; other scripts are counted with a wide letter's width. */
export function textPixels(text: string, type: Type): number {
  const table = type.bold === true ? BOLD : REGULAR;
  let thousandths = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    thousandths +=
      table[code - 32] ?? (code < 32 ? 0 : terminalColumns(character) * (code < 0x2000 ? (type.bold === true ? 760 : 680) : 900));
  }
  return (thousandths * type.size) / 1000;
}

/** The text if it fits, else its beginning with "…"; "" when not even a few characters would fit. */
export function fitPixels(text: string, pixels: number, type: Type): string {
  if (textPixels(text, type) <= pixels) return text;
  const room = pixels - textPixels("…", type);
  let kept = "";
  for (const { segment } of GRAPHEMES.segment(text)) {
    if (textPixels(kept + segment, type) > room) break;
    kept += segment;
  }
  kept = kept.trimEnd();
  return kept.length < 3 ? "" : `${kept}…`;
}

/**
 * The names that fit as they are, the others shortened so that they can still be told apart: what all of them have in common
 * at both ends goes first. "…provider_a_unrea…", "…provider_b_unrea…".
 */
export function fitNames(names: readonly string[], pixels: number, type: Type): string[] {
  const split = names.map((name) => Array.from(GRAPHEMES.segment(name), ({ segment }) => segment));
  const [first = []] = split;
  const sameAt = (index: (characters: readonly string[]) => number, to: number): boolean =>
    split.every(
      (characters) => index(characters) < characters.length && index(characters) >= 0 && characters[index(characters)] === first[to],
    );
  let head = 0;
  while (names.length > 1 && head < first.length && sameAt(() => head, head)) head++;
  let tail = 0;
  while (
    names.length > 1 &&
    tail < first.length - head &&
    sameAt(({ length }) => (length - 1 - tail >= head ? length - 1 - tail : -1), first.length - 1 - tail)
  )
    tail++;
  return split.map((characters, index) => {
    const name = names[index] ?? "";
    if (textPixels(name, type) <= pixels) return name;
    let from = head;
    let to = characters.length - tail;
    const cut = (): string => `${from > 0 ? "…" : ""}${characters.slice(from, to).join("")}${to < characters.length ? "…" : ""}`;
    if (names.length === 1 || textPixels(cut(), type) > pixels) return fitName(characters.slice(from, to).join(""), pixels, type);
    for (let grown = true; grown;) {
      grown = false;
      for (const [left, right] of [
        [1, 0],
        [0, 1],
      ] as const) {
        const [was_from, was_to] = [from, to];
        from = Math.max(0, from - left);
        to = Math.min(characters.length, to + right);
        if (textPixels(cut(), type) > pixels) [from, to] = [was_from, was_to];
        else if (from !== was_from || to !== was_to) grown = true;
      }
    }
    return cut();
  });
}

/** A name if it fits, else its two ends, since names differ in their last part as often as in their first. */
export function fitName(name: string, pixels: number, type: Type): string {
  if (textPixels(name, type) <= pixels) return name;
  const characters = Array.from(GRAPHEMES.segment(name), ({ segment }) => segment);
  for (let kept = characters.length - 1; kept >= 2; kept--) {
    const head = Math.ceil(kept * 0.55);
    const shorter = `${characters.slice(0, head).join("")}…${characters.slice(characters.length - (kept - head)).join("")}`;
    if (textPixels(shorter, type) <= pixels) return shorter;
  }
  return "…";
}

/** Lines of a text, broken between words; the last of at most `lines` ends with "…" when more was to be said. */
export function wrapPixels(text: string, pixels: number, type: Type, lines: number): string[] {
  const wrapped: string[] = [];
  let rest = text.trim();
  while (rest !== "" && wrapped.length < lines - 1 && textPixels(rest, type) > pixels) {
    let end = 0;
    for (const { index } of rest.matchAll(/(?<=\S)\s+/g)) {
      if (textPixels(rest.slice(0, index), type) > pixels) break;
      end = index;
    }
    if (end === 0) break; // one word wider than the line: cut below
    wrapped.push(rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  if (rest !== "") wrapped.push(fitPixels(rest, pixels, type));
  return wrapped;
}

const GRAPHEMES = new Intl.Segmenter("en", { granularity: "grapheme" });
