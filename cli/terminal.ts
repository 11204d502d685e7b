/**
 * What cells put out, as text. On a terminal a display that is updated is redrawn in place while its cell runs; elsewhere
 * only its last state is written, when the cell ends.
 */
import type { MimeBundle, Output } from "../kernel/messages.ts";
import { textOf } from "./notebook.ts";

export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

export class TerminalView {
  readonly #screen: Screen;
  readonly #live = new Map<string, string>();
  #drawn = 0;
  /** Whether the last text written ended its line. */
  #atLineStart = true;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  show(output: Output): void {
    switch (output.kind) {
      case "stream":
        this.#write(output.text);
        return;
      case "result":
        this.#write(`${textOfBundle(output.data)}\n`);
        return;
      case "display":
        if (output.display === undefined) this.#write(`${textOfBundle(output.data)}\n`);
        else this.#live.set(output.display, textOfBundle(output.data));
        this.#draw();
        return;
      case "error":
        this.#write(`${output.traceback.length > 0 ? output.traceback.join("\n") : `${output.ename}: ${output.evalue}`}\n`);
        return;
      case "clear":
        this.#erase();
        this.#live.clear();
        return;
    }
  }

  /** A line of our own, between cells. */
  line(text: string): void {
    this.#write(`${text}\n`);
  }

  /** The cell has ended: what is live stays as it is. */
  endCell(): void {
    this.#erase();
    const texts = [...this.#live.values()];
    this.#live.clear();
    for (const text of texts) this.#write(`${text}\n`);
    if (!this.#atLineStart) this.#write("\n");
  }

  #write(text: string): void {
    if (text === "") return;
    this.#erase();
    this.#screen.write(this.#screen.isTTY === true ? text : withoutColours(text));
    this.#atLineStart = text.endsWith("\n");
    this.#draw();
  }

  /** As much of the live displays' ends as fits on the screen, a line each. */
  #draw(): void {
    if (this.#screen.isTTY !== true || this.#live.size === 0 || !this.#atLineStart) return;
    this.#erase();
    const lines = [...this.#live.values()]
      .join("\n")
      .split("\n")
      .slice(-((this.#screen.rows ?? 24) - 2));
    const width = (this.#screen.columns ?? 80) - 1;
    for (const line of lines) this.#screen.write(`${withoutColours(line).slice(0, width)}\n`);
    this.#drawn = lines.length;
  }

  #erase(): void {
    if (this.#drawn > 0) this.#screen.write(`\x1b[${this.#drawn}A\x1b[0J`);
    this.#drawn = 0;
  }
}

function textOfBundle(data: MimeBundle): string {
  const text = textOf(data["text/plain"]);
  return (text === "" ? `(${Object.keys(data).join(", ")})` : text).replace(/\n$/, "");
}

function withoutColours(text: string): string {
  // eslint-disable-next-line no-control-regex -- escape sequences begin with that character
  return text.replace(/\x1b\[[0-9;]*m/g, "");
}
