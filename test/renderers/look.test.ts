/** Colours that everybody can read and tell apart, on any theme. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as vega from "vega";
import { compile } from "vega-lite";
import type { TopLevelSpec } from "vega-lite";
import { BASELINE_LOOK, INK, MARK_LOOKS, VERDICT_LOOKS } from "../../renderers/look.ts";
import { matrixSpec } from "../../renderers/matrix.ts";
import { shop } from "./support/shop.ts";

type Rgb = readonly [number, number, number];

test("what is written on a cell or a mark has a contrast of 4.5 to 1 at least (WCAG 2.2, 1.4.3)", () => {
  const pairs = [...Object.values(VERDICT_LOOKS), BASELINE_LOOK].map(({ ink, fill }) => [ink, fill] as const);
  for (const look of Object.values(VERDICT_LOOKS)) pairs.push([INK.normal, look.fill]);
  for (const look of Object.values(MARK_LOOKS)) pairs.push([look.ink, INK.paper], [look.ink, MARK_LOOKS.armed.fill]);
  for (const kind of ["probe", "probe failed", "delayed"] as const) pairs.push([MARK_LOOKS[kind].ink, MARK_LOOKS[kind].fill]);
  for (const [ink, fill] of pairs) assert(contrast(ink, fill) >= 4.5, `${ink} on ${fill}: ${contrast(ink, fill).toFixed(2)}`);
});

test("the fills of verdicts stay apart with normal sight and with each kind of colour blindness", () => {
  const names = ["passed", "failed", "expectation violated", "bypassed", "not run"] as const;
  for (const [kind, matrix] of Object.entries(SIGHT)) {
    for (const one of names) {
      for (const other of names) {
        if (one >= other) continue;
        const apart = distance(seen(VERDICT_LOOKS[one].fill, matrix), seen(VERDICT_LOOKS[other].fill, matrix));
        assert(apart > 10, `${one} and ${other}, ${kind}: ${apart.toFixed(1)}`);
      }
    }
  }
});

test("no two verdicts have the same glyph", () => {
  const glyphs = Object.values(VERDICT_LOOKS).map(({ glyph }) => glyph);
  assert.equal(new Set(glyphs).size, glyphs.length);
});

test("JupyterLab's dark theme changes nothing: the views bring their own paper", async () => {
  // vega-themes' "dark", which JupyterLab forces when it is dark itself.
  const dark = {
    background: "#333",
    view: { stroke: "#888" },
    title: { color: "#fff", subtitleColor: "#fff" },
    style: { "guide-label": { fill: "#fff" }, "guide-title": { fill: "#fff" } },
    axis: { domainColor: "#fff", gridColor: "#888", tickColor: "#fff" },
  };
  const { record, events } = shop();
  const drawn = async (config: object): Promise<string> => {
    const spec = structuredClone(matrixSpec(record, events)) as unknown as TopLevelSpec;
    return new vega.View(vega.parse(compile(spec, { config }).spec), { renderer: "none" }).toSVG();
  };
  assert.equal(await drawn(dark), await drawn({}));
});

/** Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency" (2009), severity 1. */
const SIGHT: Readonly<Record<string, readonly Rgb[]>> = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

/** Linear light of "#rrggbb". */
function linear(colour: string): Rgb {
  const channel = (at: number): number => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
}

function contrast(one: string, other: string): number {
  const luminance = (colour: string): number => dot([0.2126, 0.7152, 0.0722], linear(colour));
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

function seen(colour: string, matrix: readonly Rgb[]): Rgb {
  const light = linear(colour);
  const [red, green, blue] = matrix.map((row) => Math.min(1, Math.max(0, dot(row, light))));
  return [red ?? 0, green ?? 0, blue ?? 0];
}

/** CIE 1976 colour difference; 2.3 can just be noticed side by side. */
function distance(one: Rgb, other: Rgb): number {
  const lab = (light: Rgb): Rgb => {
    const f = (t: number): number => (t > 216 / 24389 ? Math.cbrt(t) : (t * 24389) / 27 / 116 + 16 / 116);
    const x = f(dot([0.4124, 0.3576, 0.1805], light) / 0.9505);
    const y = f(dot([0.2126, 0.7152, 0.0722], light));
    const z = f(dot([0.0193, 0.1192, 0.9505], light) / 1.089);
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
  };
  const [a, b] = [lab(one), lab(other)];
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

function dot(one: Rgb, other: Rgb): number {
  return one[0] * other[0] + one[1] * other[1] + one[2] * other[2];
}
