/** How many columns of a terminal a text takes, and how to cut, pad and break it there. For plain text only. */

const GRAPHEMES = new Intl.Segmenter("en", { granularity: "grapheme" });

/**
 * Columns of a text: 2 for East Asian wide characters and emoji, 0 for what only combines, else 1. After Unicode's
 * East Asian Width (UAX 11), its blocks W and F; ambiguous ones such as ✓ count 1, as terminals do.
 */
export function terminalColumns(text: string): number {
  let columns = 0;
  for (const { segment } of GRAPHEMES.segment(text)) {
    const code = segment.codePointAt(0) ?? 0;
    if (code < 0x20 || /^[\p{Mn}\p{Me}\p{Cf}]+$/u.test(segment)) continue;
    columns += isWide(code) || segment.includes("\uFE0F") ? 2 : 1;
  }
  return columns;
}

function isWide(code: number): boolean {
  if (code < 0x1100) return false;
  return (
    code <= 0x115f ||
    (code >= 0x2e80 && code <= 0xa4cf && code !== 0x303f) ||
    (code >= 0xa960 && code <= 0xa97f) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1f64f) ||
    (code >= 0x1f680 && code <= 0x1f6ff) ||
    (code >= 0x1f900 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd)
  );
}

export function padColumns(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - terminalColumns(text)));
}

/** The text if it fits, else its beginning with "…". */
export function fitColumns(text: string, columns: number): string {
  if (terminalColumns(text) <= columns) return text;
  return `${headColumns(text, columns - 1).trimEnd()}…`;
}

/** Lines of at most `columns`, broken between words, in a long word where needed; all but the first indented. */
export function wrapColumns(text: string, columns: number, indent: string): string[] {
  const lines: string[] = [];
  let line = "";
  const room = (): number => Math.max(1, columns - (lines.length === 0 ? 0 : terminalColumns(indent)));
  const end = (): void => {
    lines.push((lines.length === 0 ? "" : indent) + line);
    line = "";
  };
  for (let word of text.split(/\s+/)) {
    if (line !== "" && terminalColumns(`${line} ${word}`) > room()) end();
    while (line === "" && terminalColumns(word) > room()) {
      line = headColumns(word, room());
      word = word.slice(line.length);
      end();
    }
    if (word !== "") line = line === "" ? word : `${line} ${word}`;
  }
  if (line !== "" || lines.length === 0) end();
  return lines;
}

/** As many characters from the beginning as fit, one at least. */
function headColumns(text: string, columns: number): string {
  let head = "";
  for (const { segment } of GRAPHEMES.segment(text)) {
    if (head !== "" && terminalColumns(head + segment) > columns) break;
    head += segment;
  }
  return head;
}
