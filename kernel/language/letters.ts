/** Upper, lower and title case character by character, as Go's unicode package maps them: one character stays one. */

// Characters whose JavaScript mapping is several characters, while Unicode's simple mapping is one.
const TITLE: ReadonlyMap<string, string> = new Map([
  ["Ǆ", "ǅ"],
  ["ǅ", "ǅ"],
  ["ǆ", "ǅ"],
  ["Ǉ", "ǈ"],
  ["ǈ", "ǈ"],
  ["ǉ", "ǈ"],
  ["Ǌ", "ǋ"],
  ["ǋ", "ǋ"],
  ["ǌ", "ǋ"],
  ["Ǳ", "ǲ"],
  ["ǲ", "ǲ"],
  ["ǳ", "ǲ"],
]);

export function upper(character: string): string {
  const mapped = character.toUpperCase();
  return isSingle(mapped) ? mapped : (iotaSubscript(character) ?? character);
}

export function lower(character: string): string {
  if (character === "İ") return "i";
  const mapped = character.toLowerCase();
  return isSingle(mapped) ? mapped : character;
}

export function title(character: string): string {
  return TITLE.get(character) ?? upper(character);
}

export function isCased(character: string): boolean {
  return upper(character) !== character || lower(character) !== character;
}

export function isLetter(character: string): boolean {
  return (
    (character >= "a" && character <= "z") || (character >= "A" && character <= "Z") || (character > "\x7f" && /^\p{L}$/u.test(character))
  );
}

export function isDigit(character: string): boolean {
  return (character >= "0" && character <= "9") || (character > "\x7f" && /^\p{Nd}$/u.test(character));
}

/** Go's unicode.IsSpace. */
export function isSpace(character: string): boolean {
  if (character > " " && character <= "~") return false;
  return /^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]$/.test(character);
}

function isSingle(text: string): boolean {
  const code = text.codePointAt(0) ?? 0;
  return text.length === (code > 0xffff ? 2 : 1);
}

/** Greek vowels with iota subscript have a capital of their own, eight places on or nine. */
function iotaSubscript(character: string): string | undefined {
  const code = character.codePointAt(0) ?? 0;
  if (code >= 0x1f80 && code <= 0x1faf) return String.fromCodePoint(code | 8);
  if (code === 0x1fb3 || code === 0x1fc3 || code === 0x1ff3) return String.fromCodePoint(code + 9);
  return undefined;
}
