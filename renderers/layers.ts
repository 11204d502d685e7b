/**
 * Vega-Lite layers for what is drawn by position: texts, bars, points. Everything of a view is laid out here in the
 * project, not by the browser, whose fonts we don't know: so nothing moves, overlaps or is cut there.
 */
import type { Json } from "../model/json.ts";
import type { Label } from "./labels.ts";
import { LABEL_TYPE } from "./labels.ts";
import { MARK_KINDS, MARK_LOOKS } from "./look.ts";
import type { MarkLook } from "./look.ts";
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
    name: `${name}_layer`,
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
  const fill = byKind((look) => look.fill);
  const tooltip = { field: "tip", type: "nominal" };
  const description = { expr: "datum.tip ? datum.tip.title + ', ' + datum.tip.at : ''" };
  return [
    {
      name: "run_bars",
      data: { name: "bars" },
      ...transform,
      mark: { type: "rect", cornerRadius: { expr: "datum.y2 - datum.y < 5 ? 0 : 3" }, description },
      encoding: { x: x("from"), x2: { field: "to" }, y: pixels("y"), y2: { field: "y2" }, fill, tooltip },
    },
    {
      name: "run_points",
      data: { name: "points" },
      ...transform,
      mark: { ...POINT, description },
      encoding: {
        x: x("from"),
        y: pixels("y"),
        shape: byKind((look) => look.shape ?? "circle"),
        fill,
        tooltip,
      },
    },
    {
      name: "run_labels",
      data: { name: "labels" },
      ...transform,
      mark: {
        type: "text",
        baseline: "middle",
        align: { expr: "datum.align || 'left'" },
        dx: { expr: "datum.dx" },
        fontSize: LABEL_TYPE.size,
        aria: false,
      },
      encoding: { x: x("at"), y: pixels("y"), text: { field: "text" }, color: byKind((look) => look.ink) },
    },
  ];
}

/** A point as large as its kind is drawn; a scale would have to be sorted by size. */
export const POINT = {
  type: "point",
  filled: true,
  opacity: 1,
  size: { expr: `${JSON.stringify(Object.fromEntries(MARK_KINDS.map((kind) => [kind, MARK_LOOKS[kind].size ?? 0])))}[datum.kind]` },
} as const;

/** A channel whose value follows from the kind of mark, the same in every layer that shares its scale. */
export function byKind(value: (look: MarkLook) => string | number): Json {
  return {
    field: "kind",
    type: "nominal",
    legend: null,
    scale: { domain: MARK_KINDS, range: MARK_KINDS.map((kind) => value(MARK_LOOKS[kind])) },
  };
}

/** Height of a bar in its row; bands take their lane. */
const BAR_PX = { probe: 17, "probe failed": 17, delayed: 16, down: 8 } as const;
/** Points that were drawn together over more than this get a line from the first to the last. */
const LINE_PX = { length: 16, height: 2 } as const;

/** What of a mark is drawn from one moment to another, as a row of the data set "bars"; undefined for a mere point. */
export function barRow(mark: Mark, pixel_ms: number): Row | undefined {
  const { kind, from, to, lane, y, tip } = mark;
  if (kind === "armed") return { kind, from, to: Math.max(to, from + 2 * pixel_ms), y: lane.top, y2: lane.bottom, tip };
  const isPoint = MARK_LOOKS[kind].shape !== undefined;
  if (isPoint && to - from < LINE_PX.length * pixel_ms) return undefined;
  const half = (isPoint ? LINE_PX.height : kind in BAR_PX ? BAR_PX[kind as keyof typeof BAR_PX] : 16) / 2;
  // The line's point has the tooltip.
  return { kind, from, to: Math.max(to, roundTo3(from + 2 * pixel_ms)), y: y - half, y2: y + half, ...(isPoint ? {} : { tip }) };
}

function roundTo3(value: number): number {
  return Number(value.toPrecision(3));
}

/** A mark that is drawn as a point, as a row of the data set "points"; undefined for a bar. */
export function pointRow(mark: Mark): Row | undefined {
  return MARK_LOOKS[mark.kind].shape === undefined ? undefined : { kind: mark.kind, from: mark.from, y: mark.y, tip: mark.tip };
}

export function labelRow({ at, dx, y, text, kind, align }: Label): Row {
  return { kind, at, dx: Math.round(dx), y, text, ...(align === "left" ? {} : { align }) };
}
