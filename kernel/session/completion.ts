/** Completes the name before the cursor from the names that a cell may use. (What a value offers after a dot comes with `assist`.) */

/** @param cursor in Unicode code points, as the protocol counts */
export function completions(
  code: string,
  cursor: number,
  names: Iterable<string>,
): { matches: readonly string[]; start: number; end: number } {
  const before = Array.from(code).slice(0, cursor).join("");
  const [word] = /[A-Za-z_][A-Za-z_0-9]*$/.exec(before) ?? [""];
  const dotted = before.slice(0, before.length - word.length).endsWith(".");
  const matches = word === "" || dotted ? [] : [...new Set(names)].filter((name) => name.startsWith(word)).sort();
  return { matches, start: cursor - word.length, end: cursor };
}
