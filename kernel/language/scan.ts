/** From text to tokens: indentation, literals, comments. Follows starlark-go's scanner, messages included. */
import { syntaxError } from "./errors.ts";
import { quoteCharacter, unquote } from "./literal.ts";
import type { Source } from "./source.ts";
import type { Token, TokenKind } from "./token.ts";
import { isKeyword, PUNCTUATION } from "./token.ts";

const WORD = /[\p{L}_][\p{L}_0-9]*/uy;
const SPACE = /[ \t]*/y;
const COMMENT = /#[^\r\n]*/y;
const NEWLINE = /\r\n|\r|\n/y;
const NUMBER = /0[xX][0-9a-fA-F]*|0[oO][0-7]*|0[bB][01]*|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]*)?/y;
const TAB = 8;
const NESTING_MAX = 1000;

// Longest first, so that "<<=" is not read as "<".
const PUNCTUATION_PATTERN = new RegExp(
  PUNCTUATION.toSorted((a, b) => b.length - a.length)
    .map((p) => p.replace(/[$()*+.?[\\\]^{|}/]/g, "\\$&"))
    .join("|"),
  "y",
);
const PUNCTUATION_KINDS: ReadonlyMap<string, TokenKind> = new Map(PUNCTUATION.map((p) => [p, p]));

export class Scanner {
  readonly #source: Source;
  readonly #text: string;
  #offset = 0;
  #brackets = 0;
  #indents = [0];
  #atLineStart = true;
  /** Indents (positive) or outdents (negative) found but not yet given out. */
  #dents = 0;
  /** The text ended within a string literal or after a backslash: more text could still make it right. */
  unfinished = false;

  constructor(source: Source) {
    this.#source = source;
    this.#text = source.text;
  }

  next(): Token {
    for (;;) {
      const wasLineStart = this.#atLineStart;
      let blank = false;
      if (this.#atLineStart) {
        this.#atLineStart = false;
        blank = this.#indentation();
      }
      if (this.#dents !== 0) {
        const kind = this.#dents < 0 ? "outdent" : "indent";
        this.#dents += this.#dents < 0 ? 1 : -1;
        return this.#token(kind, this.#offset);
      }
      this.#skip(SPACE);
      this.#skip(COMMENT);

      const start = this.#offset;
      if (start >= this.#text.length) {
        const closed = this.#endOfFile(wasLineStart);
        if (closed !== undefined) return closed;
        continue;
      }
      if (this.#skip(NEWLINE) !== "") {
        this.#atLineStart = true;
        if (this.#brackets > 0 || blank) continue;
        return this.#token("newline", start);
      }
      if (this.#text[start] === "\\") {
        this.#offset++;
        if (this.#skip(NEWLINE) === "") {
          this.unfinished = this.#offset >= this.#text.length;
          throw this.#error(start, "stray backslash in program");
        }
        continue;
      }
      return this.#word(start);
    }
  }

  /** Reads a line's leading spaces and notes indents and outdents; says whether nothing else stands on the line. */
  #indentation(): boolean {
    let column = 0;
    for (;;) {
      const c = this.#text[this.#offset];
      if (c === " ") column++;
      else if (c === "\t") column += TAB - (column % TAB);
      else break;
      this.#offset++;
    }
    const first = this.#text[this.#offset];
    const blank = first === undefined || first === "#" || first === "\n" || first === "\r";
    if (blank || this.#brackets > 0) return blank;

    if (column > this.#indent()) {
      this.#dents++;
      this.#indents.push(column);
    } else {
      while (column < this.#indent()) {
        this.#dents--;
        this.#indents.pop();
      }
      if (column !== this.#indent()) throw this.#error(this.#offset, "unindent does not match any outer indentation level");
    }
    return false;
  }

  #indent(): number {
    return this.#indents.at(-1) ?? 0;
  }

  /** What to give out at the end of the text; undefined when outdents were noted that come first. */
  #endOfFile(wasLineStart: boolean): Token | undefined {
    if (this.#indents.length > 1) {
      if (wasLineStart) {
        this.#dents = 1 - this.#indents.length;
        this.#indents = [0];
        return undefined;
      }
      this.#atLineStart = true;
      return this.#token("newline", this.#offset);
    }
    return this.#token("end of file", this.#offset);
  }

  #word(start: number): Token {
    const c = this.#text.charAt(start);
    if (c === '"' || c === "'") return this.#string(start, start);
    const word = this.#skip(WORD);
    if (word !== "") {
      const following = this.#text[this.#offset];
      if ((word === "r" || word === "b" || word === "rb") && (following === '"' || following === "'"))
        return this.#string(start, this.#offset);
      return this.#token(isKeyword(word) ? word : "identifier", start);
    }
    if (/[0-9]/.test(c) || (c === "." && /[0-9]/.test(this.#text.charAt(start + 1)))) return this.#number(start);

    const kind = PUNCTUATION_KINDS.get(this.#skip(PUNCTUATION_PATTERN));
    switch (kind) {
      case undefined:
        if (c === "!") throw this.#error(start, "unexpected input character '!'", "write `not x`, or `!=`");
        throw this.#error(
          start,
          `unexpected input character '${quoteCharacter(String.fromCodePoint(this.#text.codePointAt(start) ?? 0))}'`,
        );
      case "(":
      case "[":
      case "{":
        if (++this.#brackets > NESTING_MAX) throw this.#error(start, "excessive nesting");
        break;
      case ")":
      case "]":
      case "}":
        if (this.#brackets === 0) throw this.#error(start, `unexpected '${kind}'`);
        this.#brackets--;
        break;
      default:
    }
    return this.#token(kind, start);
  }

  #string(start: number, quoteAt: number): Token {
    const quote = this.#text.charAt(quoteAt);
    const triple = this.#text.startsWith(quote.repeat(3), quoteAt);
    const close = triple ? quote.repeat(3) : quote;
    let i = quoteAt + close.length;
    for (;;) {
      const c = this.#text[i];
      if (c === undefined) {
        this.unfinished = triple;
        throw this.#error(start, "unexpected EOF in string");
      }
      if (c === "\\") {
        i += this.#text.startsWith("\r\n", i + 1) ? 3 : 2;
        continue;
      }
      if (this.#text.startsWith(close, i)) break;
      if (!triple && (c === "\n" || c === "\r")) throw this.#error(start, "unexpected newline in string");
      i++;
    }
    this.#offset = i + close.length;
    const spelling = this.#text.slice(start, this.#offset);
    try {
      const isBytes = this.#text.slice(start, quoteAt).includes("b");
      return this.#token(isBytes ? "bytes literal" : "string literal", start, unquote(spelling));
    } catch (error) {
      throw this.#error(start, error instanceof Error ? error.message : String(error));
    }
  }

  #number(start: number): Token {
    const spelling = this.#skip(NUMBER);
    const radix = /^0([xXoObB])/.exec(spelling)?.[1]?.toLowerCase();
    if (radix !== undefined) {
      const name = radix === "x" ? "hex" : radix === "o" ? "octal" : "binary";
      if (spelling.length === 2) throw this.#error(start, `invalid ${name} literal`);
      return this.#token("int literal", start, integer(spelling));
    }
    if (/^[0-9]+$/.test(spelling)) {
      if (/^0[0-7]*[1-7][0-7]*$/.test(spelling)) {
        throw this.#error(start, `obsolete form of octal literal; use 0o${spelling.slice(1)}`);
      }
      if (/^0+[1-9]/.test(spelling)) throw this.#error(start, "invalid int literal");
      return this.#token("int literal", start, integer(spelling));
    }
    const value = Number(spelling);
    if (!/[0-9.]$/.test(spelling) || !Number.isFinite(value)) throw this.#error(start, "invalid float literal");
    return this.#token("float literal", start, value);
  }

  #skip(pattern: RegExp): string {
    pattern.lastIndex = this.#offset;
    const found = pattern.exec(this.#text)?.[0] ?? "";
    this.#offset += found.length;
    return found;
  }

  #token(kind: TokenKind, start: number, value?: string | number | bigint): Token {
    return value === undefined ? { kind, start, end: this.#offset } : { kind, start, end: this.#offset, value };
  }

  #error(offset: number, message: string, hint?: string): Error {
    return syntaxError(this.#source, offset, message, hint);
  }
}

function integer(spelling: string): number | bigint {
  const value = Number(spelling);
  return Number.isSafeInteger(value) ? value : BigInt(spelling);
}
