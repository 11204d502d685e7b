/** The words of the grammar. A kind's name is what error messages call it. */

export const KEYWORDS = [
  "and",
  "break",
  "continue",
  "def",
  "elif",
  "else",
  "for",
  "if",
  "in",
  "lambda",
  "load",
  "not",
  "or",
  "pass",
  "return",
  "while",
] as const;

/** Python's words that mean nothing here and may not be names either. */
export const RESERVED = [
  "as",
  "async",
  "await",
  "class",
  "del",
  "except",
  "finally",
  "from",
  "global",
  "import",
  "is",
  "nonlocal",
  "raise",
  "try",
  "with",
  "yield",
] as const;

export const PUNCTUATION = [
  "**",
  "<<=",
  ">>=",
  "//=",
  "+=",
  "-=",
  "*=",
  "/=",
  "%=",
  "&=",
  "|=",
  "^=",
  "<<",
  ">>",
  "//",
  "<=",
  ">=",
  "==",
  "!=",
  "+",
  "-",
  "*",
  "/",
  "%",
  "&",
  "|",
  "^",
  "~",
  ".",
  ",",
  "=",
  ";",
  ":",
  "(",
  ")",
  "[",
  "]",
  "{",
  "}",
  "<",
  ">",
] as const;

export type Punctuation = (typeof PUNCTUATION)[number];
export type Keyword = (typeof KEYWORDS)[number] | (typeof RESERVED)[number];

export type TokenKind =
  | Keyword
  | Punctuation
  | "not in"
  | "identifier"
  | "int literal"
  | "float literal"
  | "string literal"
  | "bytes literal"
  | "newline"
  | "indent"
  | "outdent"
  | "end of file";

export interface Token {
  readonly kind: TokenKind;
  readonly start: number;
  readonly end: number;
  /** A string literal's text, a bytes literal's bytes (one code unit each), an int or a float. */
  readonly value?: string | number | bigint;
}

const KEYWORD_SET: ReadonlySet<string> = new Set([...KEYWORDS, ...RESERVED]);
const PUNCTUATION_SET: ReadonlySet<string> = new Set(PUNCTUATION);

export function isKeyword(word: string): word is Keyword {
  return KEYWORD_SET.has(word);
}

/** A kind as messages show it: punctuation in quotes. */
export function describe(kind: TokenKind): string {
  return PUNCTUATION_SET.has(kind) ? `'${kind}'` : kind;
}
