/**
 * A Vega-Lite specification as a PNG, for wherever no script runs: code-hosting pages, exported notebooks. Drawn twice as
 * large as its size in CSS pixels. Vega, Vega-Lite and resvg take a third of a second to load, so whoever may not need a
 * picture imports this file when one is wanted. The same specification gives the same bytes on every machine.
 */
import { fileURLToPath } from "node:url";
import { Resvg } from "@resvg/resvg-js";
import * as vega from "vega";
import { compile } from "vega-lite";
import type { TopLevelSpec } from "vega-lite";
import type { VegaLiteSpec } from "./bundle.ts";
import { terminalColumns } from "./columns.ts";
import { FONT } from "./look.ts";
import { textPixels } from "./pixels.ts";

export interface Picture {
  readonly base64: string;
  /** Size in CSS pixels, half of the picture's own. */
  readonly width: number;
  readonly height: number;
}

const SCALE = 2;

/** DejaVu's own TTF files; without one, resvg draws no text where no font is installed. */
const FONT_FILES = ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"].map((file) =>
  fileURLToPath(import.meta.resolve(`dejavu-fonts-ttf/ttf/${file}`)),
);

/** Vega measures text by canvas, which Node has not, and guesses otherwise; our table is right to the pixel. Its types don't know of it. */
const metrics: unknown = "textMetrics" in vega ? vega.textMetrics : undefined;
if (typeof metrics === "object" && metrics !== null) {
  Object.assign(metrics, {
    width: (item: { readonly fontSize?: number; readonly fontWeight?: unknown }, text: unknown) =>
      textPixels(String(text), { size: item.fontSize ?? 11, bold: item.fontWeight === "bold" }),
  });
}

/** Draws a specification. */
export async function drawPng(spec: VegaLiteSpec): Promise<Picture> {
  const { svg } = await drawSvg(spec);
  const rendered = new Resvg(svg, {
    fitTo: { mode: "zoom", value: SCALE },
    font: {
      fontFiles: FONT_FILES,
      // Ideographs and emoji are not in the shipped fonts: better drawn with what the machine has than as empty boxes.
      loadSystemFonts: hasWideCharacters(svg),
      defaultFontFamily: FONT.family,
    },
  }).render();
  return { base64: rendered.asPng().toString("base64"), width: rendered.width / SCALE, height: rendered.height / SCALE };
}

/** The specification as SVG, as a browser draws it before anything is clicked, and what Vega-Lite and Vega had to warn of. */
export async function drawSvg(spec: VegaLiteSpec): Promise<{ readonly svg: string; readonly warnings: readonly string[] }> {
  const { view, warnings } = headlessView(spec);
  try {
    return { svg: await view.toSVG(), warnings };
  } finally {
    view.finalize();
  }
}

/** A view without a screen, to draw from or to ask; `warnings` grows as it runs. The caller finalizes it. */
export function headlessView(spec: VegaLiteSpec): { readonly view: vega.View; readonly warnings: readonly string[] } {
  const warnings: string[] = [];
  const logger = collectingLogger(warnings);
  // Vega-Lite's types can't be had of plain JSON; the tests check the specifications against its schema instead.
  const { spec: compiled } = compile(structuredClone(spec) as unknown as TopLevelSpec, { logger });
  return { view: new vega.View(vega.parse(compiled), { renderer: "none", logger }), warnings };
}

function collectingLogger(warnings: string[]): vega.LoggerInterface {
  function level(value: number): vega.LoggerInterface;
  function level(): number;
  function level(value?: number): vega.LoggerInterface | number {
    return value === undefined ? vega.Warn : logger;
  }
  const logger: vega.LoggerInterface = {
    level,
    error: (...texts: readonly unknown[]) => {
      throw new Error(texts.map(String).join(" "));
    },
    warn: (...texts: readonly unknown[]) => {
      warnings.push(texts.map(String).join(" "));
      return logger;
    },
    info: () => logger,
    debug: () => logger,
  };
  return logger;
}

function hasWideCharacters(text: string): boolean {
  for (const character of text) if (character > "\u1100" && terminalColumns(character) > 1) return true;
  return false;
}
