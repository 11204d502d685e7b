/**
 * Strings of the language are sequences of bytes that usually hold UTF-8, as in starlark-go. They are kept as JavaScript
 * strings; a byte that is part of no character is kept as the lone surrogate U+DC00 + byte. What counts or cuts bytes works
 * on the *byte string*, one code unit a byte, which for ASCII is the string itself.
 */

const ASCII = /^[\x00-\x7f]*$/; // eslint-disable-line no-control-regex

// Loops index one long text again and again; remembering the last one makes that linear.
const LONG = 64;
let remembered = "";
let rememberedBytes = "";

/** The byte string of a text: the text itself when it is ASCII. */
export function encodeUtf8(text: string): string {
  if (text.length >= LONG) {
    if (text === remembered) return rememberedBytes;
    remembered = text;
    rememberedBytes = ASCII.test(text) ? text : encode(text);
    return rememberedBytes;
  }
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return encode(text);
  return text;
}

export function isAscii(text: string): boolean {
  return encodeUtf8(text) === text;
}

/** Node's own conversion is many times faster; it knows no stray bytes. */
function encode(text: string): string {
  return text.isWellFormed() ? Buffer.from(text, "utf8").toString("latin1") : encodeSlowly(text);
}

function encodeSlowly(text: string): string {
  const units: string[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x80) units.push(character);
    else if (code < 0x800) units.push(String.fromCharCode(0xc0 | (code >> 6), 0x80 | (code & 63)));
    else if (code >= 0xdc80 && code <= 0xdcff) units.push(String.fromCharCode(code - 0xdc00));
    else if (code < 0x10000) units.push(String.fromCharCode(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63)));
    else {
      units.push(String.fromCharCode(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63)));
    }
  }
  return units.join("");
}

/** The text of a byte string. */
export function decodeUtf8(bytes: string): string {
  if (isAsciiBytes(bytes)) return bytes;
  const text = Buffer.from(bytes, "latin1").toString("utf8");
  return text.includes("\ufffd") ? decodeSlowly(bytes) : text;
}

function decodeSlowly(bytes: string): string {
  const parts: string[] = [];
  let i = 0;
  while (i < bytes.length) {
    const first = bytes.charCodeAt(i);
    if (first < 0x80) {
      let end = i + 1;
      while (end < bytes.length && bytes.charCodeAt(end) < 0x80) end++;
      parts.push(bytes.slice(i, end));
      i = end;
      continue;
    }
    const length = sequenceLength(bytes, i);
    parts.push(length === 0 ? String.fromCharCode(0xdc00 + first) : String.fromCodePoint(codePointOf(bytes, i, length)));
    i += Math.max(1, length);
  }
  return parts.join("");
}

function isAsciiBytes(bytes: string): boolean {
  if (bytes.length >= LONG) return ASCII.test(bytes);
  for (let i = 0; i < bytes.length; i++) if (bytes.charCodeAt(i) > 0x7f) return false;
  return true;
}

/** Length of the well-formed sequence of more than one byte at i, or 0. Bounds are those of the Unicode Standard, table 3-7. */
function sequenceLength(bytes: string, i: number): number {
  const first = bytes.charCodeAt(i);
  const length = first >= 0xc2 && first <= 0xdf ? 2 : first >= 0xe0 && first <= 0xef ? 3 : first >= 0xf0 && first <= 0xf4 ? 4 : 0;
  if (length === 0 || i + length > bytes.length) return 0;
  const second = bytes.charCodeAt(i + 1);
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  for (let j = 2; j < length; j++) if ((bytes.charCodeAt(i + j) & 0xc0) !== 0x80) return 0;
  return length;
}

function codePointOf(bytes: string, i: number, length: number): number {
  let code = bytes.charCodeAt(i) & (0x7f >> length);
  for (let j = 1; j < length; j++) code = (code << 6) | (bytes.charCodeAt(i + j) & 63);
  return code;
}

/** Number of bytes. */
export function byteLength(text: string): number {
  return encodeUtf8(text).length;
}

/** Joins halves of characters that came to stand side by side; needed after texts were put together. */
export function mend(text: string): string {
  return text.isWellFormed() ? text : decodeUtf8(encode(text));
}

export function concatenate(x: string, y: string): string {
  const seam = y.charCodeAt(0);
  return seam >= 0xdc80 && seam <= 0xdcff ? mend(x + y) : x + y;
}

/** Stray bytes replaced by U+FFFD: the text as Go's range loop sees it. */
export function replaceStray(text: string): string {
  return text.toWellFormed();
}

/** Order of the bytes, negative, zero or positive. Equal to the order of code points where both are well-formed. */
export function compareText(x: string, y: string): number {
  if (x === y) return 0;
  const shorter = Math.min(x.length, y.length);
  let i = 0;
  while (i < shorter && x.charCodeAt(i) === y.charCodeAt(i)) i++;
  if (i === shorter) return x.length - y.length;
  const a = x.charCodeAt(i);
  const b = y.charCodeAt(i);
  if (a < 0xd800 && b < 0xd800) return a - b;
  // Surrogates sort before U+E000 as code units but after it as bytes, and stray bytes have an order of their own.
  const bytesOfX = encode(x);
  const bytesOfY = encode(y);
  return bytesOfX < bytesOfY ? -1 : 1;
}
