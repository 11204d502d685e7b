/**
 * The patterns of filters: `*` is any text, `?` one character, everything else itself. A filter without either is compared
 * for equality. (Paths have rules of their own about `/`; those come with path filters.)
 */
export function globMatches(pattern: string, text: string): boolean {
  if (!/[*?]/.test(pattern)) return pattern === text;
  const expression = pattern
    .replace(/[\\^$.+()[\]{}|]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${expression}$`, "su").test(text);
}
