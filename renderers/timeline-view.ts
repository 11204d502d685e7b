/**
 * The lanes of runs as one Vega-Lite view with its time axis, and the legend below it. Shared by the matrix, which shows one
 * of many runs, and by the timeline of a single one.
 */
import type { Json } from "../model/json.ts";
import { barRow, byKind, labelRow, pageTexts, POINT, pointRow, timeLayers } from "./layers.ts";
import type { PageText } from "./layers.ts";
import type { LaneLayout } from "./lanes.ts";
import { INK, MARK_KINDS, MARK_LOOKS, PAGE } from "./look.ts";
import type { MarkKind } from "./look.ts";
import type { RunMarks } from "./marks.ts";
import { fitNames, textPixels } from "./pixels.ts";

const NAME_TYPE = { size: 12 } as const;
const RIGHT_PX = 18;

/** Where lanes begin and end on the page, in pixels. */
export interface LaneExtent {
  readonly left: number;
  readonly width: number;
}

/** Room for the names at the left of lanes and grid. */
export function nameExtent(names: readonly string[], most: number): LaneExtent {
  const wide = Math.max(40, ...names.map((name) => textPixels(name, NAME_TYPE)));
  const left = Math.ceil(Math.min(most, wide + 14));
  return { left, width: PAGE.width - left - RIGHT_PX };
}

/** Names at the left, each in the middle of what it names. */
export function nameTexts(names: readonly { readonly name: string; readonly y: number }[], left: number): PageText[] {
  const fitting = fitNames(
    names.map(({ name }) => name),
    left - 14,
    NAME_TYPE,
  );
  return names.map(({ y }, index) => ({
    x: left - 12,
    y,
    text: fitting[index] ?? "",
    ink: INK.normal,
    size: NAME_TYPE.size,
    align: "right",
  }));
}

/** The names of lanes. */
export function laneNames(layout: LaneLayout, left: number): Json[] {
  return nameTexts(
    layout.lanes.map(({ name, top, bottom }) => ({ name, y: (top + bottom) / 2 })),
    left,
  ).map((text) => ({ ...text }));
}

/** Rows of the data sets bars, points and labels; `tag` tells the runs of a matrix apart. */
export function runRows(
  run: RunMarks,
  scale: { readonly span_ms: number; readonly width: number },
  tag: Readonly<Record<string, Json>>,
): RunRows {
  const pixel_ms = scale.span_ms / scale.width;
  const tagged = (row: Readonly<Record<string, Json>> | undefined): Readonly<Record<string, Json>>[] =>
    row === undefined ? [] : [{ ...tag, ...row }];
  return {
    bars: run.marks.map((mark) => barRow(mark, pixel_ms)).flatMap(tagged),
    points: run.marks.map(pointRow).flatMap(tagged),
    labels: run.labels.map(labelRow).flatMap(tagged),
  };
}

export interface RunRows {
  readonly bars: readonly Json[];
  readonly points: readonly Json[];
  readonly labels: readonly Json[];
}

/** The lines between lanes, the data set "lanes". */
export function laneRows(layout: LaneLayout): Json[] {
  return layout.lanes.slice(0, -1).map(({ name, bottom }) => ({ lane: name, y: bottom + 1.5 }));
}

/**
 * The view. `span` is the end of the time axis in milliseconds, a number or an expression; `filter` an expression that
 * chooses the rows of one run.
 */
export function lanesView(layout: LaneLayout, extent: LaneExtent, span: Json, filter?: string): Record<string, Json> {
  const spanText = typeof span === "number" ? String(span) : "chosen_span";
  const time = { domain: [0, span], range: [extent.left, extent.left + extent.width], nice: false, zero: false };
  const axis = {
    orient: "bottom",
    title: null,
    grid: true,
    tickCount: 6,
    labelPadding: 6,
    labelFlush: false,
    labelExpr: `datum.value === 0 ? '0' : ${spanText} >= 2000 ? format(datum.value / 1000, '~r') + ' s' : format(datum.value, '~r') + ' ms'`,
  };
  return {
    name: "timeline",
    width: PAGE.width,
    height: layout.height,
    layer: [
      {
        data: { name: "lanes" },
        mark: { type: "rule", color: INK.rule, aria: false },
        encoding: {
          x: { value: extent.left },
          x2: { value: extent.left + extent.width },
          y: { field: "y", type: "quantitative", scale: null, axis: null },
        },
      },
      {
        data: { values: [{ from: 0 }] },
        mark: { type: "rule", color: "#d0d0d0", aria: false },
        encoding: { x: { field: "from", type: "quantitative", scale: time, axis } },
      },
      ...timeLayers(time, filter),
      pageTexts("lane_names"),
    ],
    resolve: { axis: { x: "independent" } },
  };
}

/** Words for the kinds of marks that occur, as one or more lines of the page. */
export function legendView(kinds: ReadonlySet<MarkKind>): { readonly view: Record<string, Json>; readonly rows: Record<string, Json[]> } {
  const texts: PageText[] = [{ x: 0, y: 9, text: "time since the run began", ink: INK.quiet, size: 10.5 }];
  const points: Json[] = [];
  const bars: Json[] = [];
  let x = 176;
  let y = 9;
  for (const kind of MARK_KINDS) {
    if (!kinds.has(kind)) continue;
    const { word, shape } = MARK_LOOKS[kind];
    const wide = 14 + 6 + textPixels(word, { size: 10.5 }) + 16;
    if (x + wide > PAGE.width + 16) {
      x = 176;
      y += 18;
    }
    if (shape === undefined) bars.push({ kind, x, x2: x + 14, y: y - 5, y2: y + 5 });
    else points.push({ kind, x: x + 7, y });
    texts.push({ x: x + 20, y, text: word, ink: INK.quiet, size: 10.5 });
    x += Math.ceil(wide);
  }
  const position = (field: string): Json => ({ field, type: "quantitative", scale: null, axis: null });
  const fill = byKind((look) => look.fill);
  return {
    view: {
      name: "legend",
      width: PAGE.width,
      height: y + 9,
      layer: [
        {
          data: { name: "legend_bars" },
          mark: { type: "rect", cornerRadius: 2, aria: false },
          encoding: { x: position("x"), x2: { field: "x2" }, y: position("y"), y2: { field: "y2" }, fill },
        },
        {
          data: { name: "legend_points" },
          mark: { ...POINT, aria: false },
          encoding: {
            x: position("x"),
            y: position("y"),
            shape: byKind((look) => look.shape ?? "circle"),
            fill,
          },
        },
        pageTexts("legend_texts"),
      ],
    },
    rows: { legend_bars: bars, legend_points: points, legend_texts: texts.map((text) => ({ ...text })) },
  };
}
