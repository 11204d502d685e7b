/**
 * A named text and the places in it. Nodes and errors keep offsets into the text; lines and columns are made of them only
 * when somebody asks. Nothing here knows the language.
 */

/** A place in a text: line and column count from 1, columns in code points. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export class Source {
  readonly name: string;
  readonly text: string;
  #starts: readonly number[] | undefined;

  constructor(name: string, text: string) {
    this.name = name;
    // Lone surrogates are no text; the values of the language use some of them for stray bytes, so none may come from here.
    this.text = text.isWellFormed() ? text : text.toWellFormed();
  }

  /** The text of line n (from 1) without its line ending; empty when there is no such line. */
  line(n: number): string {
    const start = this.#lines()[n - 1];
    if (start === undefined) return "";
    return this.text.slice(start, this.#lines()[n] ?? this.text.length).replace(/[\r\n]+$/, "");
  }

  position(offset: number): Position {
    const starts = this.#lines();
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    const column = 1 + Array.from(this.text.slice(starts[low] ?? 0, offset)).length;
    return { file: this.name, line: low + 1, column };
  }

  #lines(): readonly number[] {
    if (this.#starts === undefined) {
      const starts = [0];
      for (const ending of this.text.matchAll(/\r\n|\r|\n/g)) starts.push(ending.index + ending[0].length);
      this.#starts = starts;
    }
    return this.#starts;
  }
}

/** The line of a position with a caret below its column, for showing an error; tabs keep their width. */
export function snippet(source: Source, position: Position): string {
  const line = source.line(position.line);
  const before = Array.from(line).slice(0, position.column - 1);
  return `${line}\n${before.map((c) => (c === "\t" ? "\t" : " ")).join("")}^`;
}
