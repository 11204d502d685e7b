/** The parts of strings and bytes as sequences: strings can't be iterated themselves, one says in what they are to be cut. */
import { Failure } from "../errors.ts";
import { quote } from "../literal.ts";
import { decodeUtf8, encodeUtf8, replaceStray } from "../text.ts";
import { HostValue } from "../value.ts";
import type { Value } from "../value.ts";
import type { Bytes } from "./bytes.ts";

abstract class Elements extends HostValue {
  override hash(): string {
    throw new Failure(`unhashable: ${this.type}`);
  }
}

/** `s.elems()` and `s.elem_ords()`: bytes, as strings of one or as numbers. */
export class StringElements extends Elements {
  readonly type = "string.elems";
  readonly #text: string;
  readonly #units: string;
  readonly #ords: boolean;

  constructor(text: string, ords: boolean) {
    super();
    this.#text = text;
    this.#units = encodeUtf8(text);
    this.#ords = ords;
  }

  *#each(): Generator<Value, undefined, undefined> {
    for (let i = 0; i < this.#units.length; i++) yield this.#ords ? this.#units.charCodeAt(i) : decodeUtf8(this.#units.charAt(i));
  }

  override iterate(): Iterable<Value> {
    return this.#each();
  }

  override length(): number {
    return this.#units.length;
  }

  override index(key: Value): Value | undefined {
    if (typeof key !== "number") throw new Failure(`string.elems index: got ${typeof key === "string" ? "string" : "other"}, want int`);
    const place = key < 0 ? key + this.#units.length : key;
    if (place < 0 || place >= this.#units.length) return undefined;
    return this.#ords ? this.#units.charCodeAt(place) : decodeUtf8(this.#units.charAt(place));
  }

  override repr(): string {
    return `${quote(this.#text)}.${this.#ords ? "elem_ords" : "elems"}()`;
  }
}

/** `s.codepoints()` and `s.codepoint_ords()`: characters, as strings or as numbers; stray bytes are U+FFFD. */
export class StringCodepoints extends Elements {
  readonly type = "string.codepoints";
  readonly #text: string;
  readonly #ords: boolean;

  constructor(text: string, ords: boolean) {
    super();
    this.#text = text;
    this.#ords = ords;
  }

  *#each(): Generator<Value, undefined, undefined> {
    for (const character of replaceStray(this.#text)) yield this.#ords ? (character.codePointAt(0) ?? 0) : character;
  }

  override iterate(): Iterable<Value> {
    return this.#each();
  }

  override repr(): string {
    return `${quote(this.#text)}.${this.#ords ? "codepoint_ords" : "codepoints"}()`;
  }
}

/** `b.elems()`: bytes as numbers. */
export class ByteElements extends Elements {
  readonly type = "bytes.elems";
  readonly #bytes: Bytes;

  constructor(bytes: Bytes) {
    super();
    this.#bytes = bytes;
  }

  *#each(): Generator<Value, undefined, undefined> {
    const { units } = this.#bytes;
    for (let i = 0; i < units.length; i++) yield units.charCodeAt(i);
  }

  override iterate(): Iterable<Value> {
    return this.#each();
  }

  override repr(): string {
    return `b${quote(decodeUtf8(this.#bytes.units))}.elems()`;
  }
}
