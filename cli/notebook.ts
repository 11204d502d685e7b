/**
 * A notebook file: read, given the outputs of a run, written. What isn't ours to know (metadata, attachments, cells of text)
 * goes through unchanged. Source: nbformat 4.5, and its own writer for keys, indents and split lines, so that a notebook
 * saved by JupyterLab and by us differs only where it differs.
 */
import { createHash } from "node:crypto";
import type { Json } from "../model/json.ts";
import { Problem } from "../model/problem.ts";
import type { MimeBundle, Output } from "../kernel/messages.ts";

type Fields = Record<string, Json>;

export interface CodeCell {
  readonly id: string;
  readonly source: string;
  readonly tags: readonly string[];
}

/** Outputs of one cell as a file has them. */
type Recorded =
  | { readonly output_type: "stream"; readonly name: string; text: string }
  | { readonly output_type: "display_data"; data: MimeBundle; metadata: MimeBundle }
  | { readonly output_type: "execute_result"; readonly execution_count: number; data: MimeBundle; metadata: MimeBundle }
  | { readonly output_type: "error"; readonly ename: string; readonly evalue: string; readonly traceback: readonly string[] };

interface Cell {
  readonly fields: Fields;
  readonly code: CodeCell | undefined;
  count: number | null;
  readonly outputs: Recorded[];
}

export class Notebook {
  readonly metadata: Readonly<Fields>;
  readonly #fields: Fields;
  readonly #cells: readonly Cell[];
  /** Where updates of a display go, in whichever cell it was first shown. */
  readonly #displays = new Map<string, { data: MimeBundle; metadata: MimeBundle }[]>();
  readonly #clearFirst = new Set<Cell>();

  private constructor(fields: Fields, cells: readonly Fields[]) {
    this.#fields = fields;
    this.metadata = isFields(fields["metadata"]) ? fields["metadata"] : {};
    this.#cells = cells.map((cell, i) => ({ fields: cell, code: codeOf(cell, i), count: null, outputs: [] }));
  }

  /** Problems: NOT_A_NOTEBOOK. */
  static parse(text: string, path: string): Notebook {
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch (error) {
      throw notANotebook(path, error instanceof Error ? error.message : String(error));
    }
    if (!isFields(parsed)) throw notANotebook(path, "it is no JSON object");
    if (parsed["nbformat"] !== 4) throw notANotebook(path, `its nbformat is ${JSON.stringify(parsed["nbformat"] ?? null)}, not 4`);
    const cells = parsed["cells"];
    if (!Array.isArray(cells) || !cells.every(isFields)) throw notANotebook(path, "it has no list of cells");
    return new Notebook(parsed, cells);
  }

  /** A file of spec as a notebook of one cell. */
  static ofSpec(text: string): Notebook {
    const metadata = { kernelspec: { name: "faultbook", display_name: "Faultbook", language: "starlark" } };
    return new Notebook({ metadata }, [{ cell_type: "code", metadata: {}, source: text }]);
  }

  get codeCells(): readonly CodeCell[] {
    return this.#cells.flatMap((cell) => (cell.code === undefined ? [] : [cell.code]));
  }

  begin(id: string, count: number): void {
    const cell = this.#cell(id);
    cell.count = count;
    cell.outputs.length = 0;
  }

  /** As a frontend's output area does it: text of one stream grows together, an update replaces what it names. */
  record(id: string, output: Output): void {
    const cell = this.#cell(id);
    if (output.kind === "clear") {
      if (output.wait) this.#clearFirst.add(cell);
      else cell.outputs.length = 0;
      return;
    }
    if (output.kind === "display" && output.update === true) {
      for (const shown of this.#displays.get(output.display ?? "") ?? []) [shown.data, shown.metadata] = [output.data, output.metadata];
      return;
    }
    if (this.#clearFirst.delete(cell)) cell.outputs.length = 0;
    switch (output.kind) {
      case "stream": {
        const last = cell.outputs.at(-1);
        if (last?.output_type === "stream" && last.name === output.name) last.text += output.text;
        else cell.outputs.push({ output_type: "stream", name: output.name, text: output.text });
        return;
      }
      case "result":
        cell.outputs.push({
          output_type: "execute_result",
          execution_count: cell.count ?? 0,
          data: output.data,
          metadata: output.metadata,
        });
        return;
      case "display": {
        const shown: Recorded & { output_type: "display_data" } = {
          output_type: "display_data",
          data: output.data,
          metadata: output.metadata,
        };
        cell.outputs.push(shown);
        if (output.display !== undefined) this.#displays.set(output.display, [...(this.#displays.get(output.display) ?? []), shown]);
        return;
      }
      case "error":
        cell.outputs.push({ output_type: "error", ename: output.ename, evalue: output.evalue, traceback: output.traceback });
        return;
    }
  }

  /** The file's text. */
  write(): string {
    const cells = this.#cells.map(({ fields, code, count, outputs }): Json => {
      const source = splitLines(textOf(fields["source"]));
      if (code === undefined) return { ...fields, source };
      return { ...fields, id: code.id, source, metadata: fields["metadata"] ?? {}, execution_count: count, outputs: outputs.map(written) };
    });
    return `${JSON.stringify(sorted({ ...this.#fields, metadata: this.metadata, nbformat: 4, nbformat_minor: 5, cells }), null, 1)}\n`;
  }

  #cell(id: string): Cell {
    const cell = this.#cells.find(({ code }) => code?.id === id);
    if (cell === undefined) throw new Error(`no code cell ${id}`);
    return cell;
  }
}

function notANotebook(path: string, why: string): Problem {
  return new Problem(
    "NOT_A_NOTEBOOK",
    "spec",
    `${path} can't be read as a notebook: ${why}.`,
    "A notebook is a JSON file of nbformat 4, as JupyterLab saves it.",
  );
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A cell of an older notebook has no id: it gets one that is the same at the next run. */
function codeOf(fields: Fields, index: number): CodeCell | undefined {
  if (fields["cell_type"] !== "code") return undefined;
  const source = textOf(fields["source"]);
  const given = fields["id"];
  const id = typeof given === "string" ? given : createHash("sha256").update(`${index}\0${source}`).digest("hex").slice(0, 8);
  const tags = isFields(fields["metadata"]) ? fields["metadata"]["tags"] : undefined;
  return { id, source, tags: Array.isArray(tags) ? tags.filter((tag) => typeof tag === "string") : [] };
}

/** Text that a file may split into lines. */
export function textOf(value: Json | undefined): string {
  if (typeof value === "string") return value;
  return Array.isArray(value) ? value.map((line) => (typeof line === "string" ? line : "")).join("") : "";
}

function splitLines(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function written(output: Recorded): Json {
  switch (output.output_type) {
    case "stream":
      return { ...output, text: splitLines(output.text) };
    case "display_data":
    case "execute_result":
      return {
        ...output,
        data: Object.fromEntries(Object.entries(output.data).map(([type, content]) => [type, writtenContent(type, content)])),
      };
    case "error":
      return { ...output };
  }
}

function writtenContent(type: string, content: Json): Json {
  const split = type.startsWith("text/") || type === "image/svg+xml" || type === "application/javascript";
  return split && typeof content === "string" ? splitLines(content) : content;
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries.map(([key, content]) => [key, sorted(content)]));
}
