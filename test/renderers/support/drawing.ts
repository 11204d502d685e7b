/** Draws specifications without a screen, and looks at what was drawn. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import Ajv from "ajv";
import type { VegaLiteSpec } from "../../../renderers/bundle.ts";
import { headlessView } from "../../../renderers/png.ts";

const schema: unknown = JSON.parse(readFileSync(new URL(import.meta.resolve("vega-lite/build/vega-lite-schema.json")), "utf8"));
// Its formats ("color-hex") are nobody's standard.
const validator = new Ajv({ unknownFormats: "ignore", logger: false });
assert(typeof schema === "object" && schema !== null);
const validate = validator.compile(schema);

/** Whether Vega-Lite 5.6.1's schema knows everything in it. */
export function isValid(spec: VegaLiteSpec): boolean {
  return validate(spec) === true;
}

export interface Drawn {
  readonly svg: string;
  readonly warnings: readonly string[];
}

/** As SVG, with a cell of a matrix chosen if one is named. */
export async function draw(spec: VegaLiteSpec, chosen?: { readonly cell: string; readonly span: number }): Promise<Drawn> {
  const { view, warnings } = headlessView(spec);
  try {
    await view.runAsync();
    if (chosen !== undefined) {
      const fields = [
        { type: "E", field: "cell" },
        { type: "E", field: "span" },
      ];
      view.data("chosen_store", [{ unit: "cells", fields, values: [chosen.cell, chosen.span] }]);
      await view.runAsync();
    }
    return { svg: await view.toSVG(), warnings };
  } finally {
    view.finalize();
  }
}

/** How many marks the layer of this name drew. */
export function marksOf({ svg }: Drawn, layer: string): number {
  const group = new RegExp(`<g class="mark-\\w+ role-mark ${layer}_marks"[^>]*(?<!/)>(.*?)</g>`, "s").exec(svg)?.[1];
  return (group ?? "").match(/<(path|text)\b/g)?.length ?? 0;
}

/** All texts, as written. */
export function textsOf({ svg }: Drawn): string[] {
  return Array.from(svg.matchAll(/<text[^>]*>([^<]*)</g), ([, text]) =>
    (text ?? "").replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&amp;", "&"),
  );
}

/** A named data set of a specification, as rows. */
export function rowsOf(spec: VegaLiteSpec, name: string): readonly Readonly<Record<string, unknown>>[] {
  const sets: unknown = spec["datasets"];
  assert(typeof sets === "object" && sets !== null && name in sets, `no data set ${name}`);
  const rows: unknown = Reflect.get(sets, name);
  assert(Array.isArray(rows));
  return rows.filter((row: unknown): row is Readonly<Record<string, unknown>> => typeof row === "object" && row !== null);
}
