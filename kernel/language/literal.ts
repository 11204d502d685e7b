/** String and bytes literals: from their spelling to what they mean, and back for `repr`. */
import { encodeUtf8 } from "./text.ts";

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["a", "\x07"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["v", "\v"],
  ["\\", "\\"],
  ["'", "'"],
  ['"', '"'],
]);

/** Shown as they are by `repr`: what Go's strconv.IsPrint accepts. */
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/**
 * The meaning of a literal's spelling, prefix and quotes included: a text, or for `b"…"` bytes, one code unit each.
 * Throws an Error whose message is starlark-go's.
 */
export function unquote(spelling: string): string {
  const prefix = /^r?b?/.exec(spelling)?.[0] ?? "";
  const raw = prefix.includes("r");
  const bytes = prefix.includes("b");
  const quoted = spelling.slice(prefix.length);
  const quotes = quoted.length >= 6 && (quoted.startsWith('"""') || quoted.startsWith("'''")) ? 3 : 1;
  const body = quoted.slice(quotes, -quotes).replace(/\r\n?/g, "\n");
  if (raw || !body.includes("\\")) return bytes ? encodeUtf8(body) : body;

  let meaning = "";
  let i = 0;
  while (i < body.length) {
    const backslash = body.indexOf("\\", i);
    const plain = body.slice(i, backslash < 0 ? undefined : backslash);
    meaning += bytes ? encodeUtf8(plain) : plain;
    if (backslash < 0) break;
    const [escaped, length] = unescape(body.slice(backslash), bytes);
    meaning += escaped;
    i = backslash + length;
  }
  return meaning;
}

/** The meaning and the length of the escape sequence at the start of a text. */
function unescape(text: string, bytes: boolean): [meaning: string, length: number] {
  const letter = text.charAt(1);
  if (letter === "") throw new Error("truncated escape sequence \\");
  if (letter === "\n") return ["", 2];
  const simple = ESCAPES.get(letter);
  if (simple !== undefined) return [simple, 2];

  const octal = /^\\[0-7]{1,3}/.exec(text)?.[0];
  if (octal !== undefined) {
    const code = parseInt(octal.slice(1), 8);
    if (!bytes && code > 127) {
      throw new Error(`non-ASCII octal escape \\${code.toString(8)} (use \\u${hex(code, 4)} for the UTF-8 encoding of U+${hex(code, 4)})`);
    }
    if (code > 255) throw new Error(`invalid escape sequence \\${code.toString(8).padStart(3, "0")}`);
    return [String.fromCharCode(code), octal.length];
  }

  const length = letter === "x" ? 4 : letter === "u" ? 6 : letter === "U" ? 10 : 0;
  if (length === 0) throw new Error(`invalid escape sequence \\${String.fromCodePoint(text.codePointAt(1) ?? 0)}`);
  if (text.length < length) throw new Error(`truncated escape sequence ${text}`);
  const escape = text.slice(0, length);
  if (!/^..[0-9a-fA-F]+$/.test(escape)) throw new Error(`invalid escape sequence ${escape}`);
  const code = parseInt(escape.slice(2), 16);
  if (letter === "x") {
    if (!bytes && code > 127) {
      throw new Error(`non-ASCII hex escape ${escape} (use \\u${hex(code, 4)} for the UTF-8 encoding of U+${hex(code, 4)})`);
    }
    return [String.fromCharCode(code), length];
  }
  if (code > 0x10ffff) throw new Error(`code point out of range: ${escape} (max \\U${code.toString(16).padStart(8, "0")})`);
  if (code >= 0xd800 && code < 0xe000) throw new Error(`invalid Unicode code point U+${hex(code, 4)}`);
  const character = String.fromCodePoint(code);
  return [bytes ? encodeUtf8(character) : character, length];
}

/** A literal that denotes the text; stray bytes show as \xNN, which no literal accepts. */
export function quote(text: string): string {
  let quoted = '"';
  for (const character of text) quoted += quoteCharacter(character);
  return `${quoted}"`;
}

const NAMED: ReadonlyMap<string, string> = new Map([
  ["\x07", "\\a"],
  ["\b", "\\b"],
  ["\f", "\\f"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  ["\v", "\\v"],
  ['"', '\\"'],
  ["\\", "\\\\"],
]);

/** One character as `quote` shows it. */
export function quoteCharacter(character: string): string {
  const named = NAMED.get(character);
  if (named !== undefined) return named;
  if (PRINTABLE.test(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, "0")}`;
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`;
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, "0")}` : `\\U${code.toString(16).padStart(8, "0")}`;
}

function hex(code: number, width: number): string {
  return code.toString(16).toUpperCase().padStart(width, "0");
}
