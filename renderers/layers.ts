/**
 * Vega-Lite layers for what is drawn by position: texts, bars, points. Everything of a view is laid out here in the
 * project, not by the browser, whose fonts we don't know: so nothing moves, overlaps or is cut there.
 */
import type { Json } from "../model/json.ts";
import type { Label } from "./labels.ts";
import { LABEL_TYPE } from "./labels.ts";
import { MARK_LOOKS } from "./look.ts";
import type { Mark } from "./marks.ts";

type Layer = Readonly<Record<string, Json>>;
type Row = Readonly<Record<string, Json>>;

/** A text at a place of the page, in pixels. */
export interface PageText {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly ink: string;
  readonly size: number;
  readonly bold?: boolean;
  readonly align?: "left" | "center" | "right";
  /** Degrees, clockwise. */
  readonly angle?: number;
}

/** A position that is already in pixels. */
function pixels(field: string): Json {
  return { field, type: "quantitative", scale: null, axis: null };
}

/** Colours travel with the datum: layers of one view can't share a scale with several ranges. */
function own(field: string): Json {
  return { field, type: "nominal", scale: null };
}

/** Texts of the page; `filter` chooses among those of several runs. */
export function pageTexts(name: string, filter?: string): Layer {
  return {
    data: { name },
    ...(filter === undefined ? {} : { transform: [{ filter }] }),
    mark: {
      type: "text",
      baseline: "middle",
      align: { expr: "datum.align || 'left'" },
      angle: { expr: "datum.angle || 0" },
      fontSize: { expr: "datum.size" },
      fontWeight: { expr: "datum.bold ? 'bold' : 'normal'" },
      aria: false,
    },
    encoding: { x: pixels("x"), y: pixels("y"), text: { field: "text" }, color: own("ink") },
  };
}

/** The layers of a timeline's marks: bands and bars, points, labels. `time` is the x channel's scale and axis. */
export function timeLayers(time: Json, filter?: string): Layer[] {
  const transform = filter === undefined ? {} : { transform: [{ filter }] };
  const x = (field: string): Json => ({ field, type: "quantitative", scale: time, axis: null });
  const tooltip = { field: "tip", type: "nominal" };
  const description = { field: "tip.title", type: "nominal" };
  return [
    {
      data: { name: "bars" },
      ...transform,
      mark: { type: "rect", cornerRadius: 3 },
      encoding: { x: x("from"), x2: { field: "to" }, y: pixels("y"), y2: { field: "y2" }, color: own("fill"), tooltip, description },
    },
    {
      data: { name: "points" },
      ...transform,
      mark: { type: "point", filled: true, opacity: 1 },
      encoding: {
        x: x("from"),
        y: pixels("y"),
        shape: own("shape"),
        size: { field: "size", type: "quantitative", scale: null },
        color: own("fill"),
        tooltip,
        description,
      },
    },
    {
      data: { name: "labels" },
      ...transform,
      mark: {
        type: "text",
        baseline: "middle",
        align: { expr: "datum.align" },
        dx: { expr: "datum.dx" },
        fontSize: LABEL_TYPE.size,
        aria: false,
      },
      encoding: { x: x("at"), y: pixels("y"), text: { field: "text" }, color: own("ink") },
    },
  ];
}

/** Height of a bar in its row; bands take their lane. */
const BAR_PX = { probe: 17, "probe failed": 17, delayed: 16, down: 8 } as const;

/** A mark that is drawn as a bar or a band, as a row of the data set "bars"; undefined for a point. */
export function barRow(mark: Mark, least_ms: number): Row | undefined {
  const { fill, shape } = MARK_LOOKS[mark.kind];
  if (shape !== undefined) return undefined;
  const half = mark.kind in BAR_PX ? BAR_PX[mark.kind as keyof typeof BAR_PX] / 2 : 8;
  const [y, y2] = mark.kind === "armed" ? [mark.lane.top, mark.lane.bottom] : [mark.y - half, mark.y + half];
  return { from: mark.from, to: Math.max(mark.to, mark.from + least_ms), y, y2, fill, tip: mark.tip };
}

/** A mark that is drawn as a point, as a row of the data set "points"; undefined for a bar. */
export function pointRow(mark: Mark): Row | undefined {
  const { fill, shape, size } = MARK_LOOKS[mark.kind];
  if (shape === undefined) return undefined;
  return { from: mark.from, y: mark.y, shape, size: size ?? 80, fill, tip: mark.tip };
}

export function labelRow(label: Label): Row {
  return { at: label.at, dx: Math.round(label.dx), y: label.y, text: label.text, ink: label.ink, align: label.align };
}
