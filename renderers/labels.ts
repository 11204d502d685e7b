/**
 * Labels of a timeline, set so that none covers another or a mark of its row: inside a bar where it fits, else to its right,
 * else to its left, shortened where at least something readable is left, else not at all (the tooltip has it).
 */
import type { Mark } from "./marks.ts";
import { MARK_LOOKS } from "./look.ts";
import type { MarkKind } from "./look.ts";
import { fitPixels, textPixels } from "./pixels.ts";

export interface Label {
  /** The moment it is set at, in milliseconds, and pixels from there. */
  readonly at: number;
  readonly dx: number;
  readonly y: number;
  readonly text: string;
  readonly kind: MarkKind;
  readonly align: "left" | "right";
}

interface Stretch {
  readonly from: number;
  readonly to: number;
}

export const LABEL_TYPE = { size: 10.5 } as const;
const POINT_RADIUS_PX = 7;
const GAP_PX = 5;
/** A shortened label narrower than this says too little. */
const LEAST_PX = 52;
const INSIDE: readonly MarkKind[] = ["probe", "probe failed", "delayed"];
/** Whose label is set first. */
const URGENT: readonly MarkKind[] = [
  "violation",
  "died",
  "denied",
  "probe failed",
  "delayed",
  "probe",
  "armed",
  "reset",
  "up",
  "off path",
  "line",
];

export function placeLabels(marks: readonly Mark[], scale: { readonly span_ms: number; readonly width: number }): Label[] {
  const px = (ms: number): number => (ms / scale.span_ms) * scale.width;
  const labels: Label[] = [];
  for (const row of Map.groupBy(marks, (mark) => mark.y).values()) {
    const extents = new Map(row.map((mark) => [mark, extent(mark, px)]));
    const taken = row.filter((mark) => mark.kind !== "armed").flatMap((mark) => extents.get(mark) ?? []);
    const ranked = row.filter((mark) => URGENT.includes(mark.kind) && mark.label !== "");
    ranked.sort((one, other) => URGENT.indexOf(one.kind) - URGENT.indexOf(other.kind) || one.from - other.from);
    for (const mark of ranked) {
      const own = extents.get(mark) ?? extent(mark, px);
      const placed = placeOne(
        mark,
        own,
        taken.filter((stretch) => stretch !== own),
        scale.width,
      );
      if (placed === undefined) continue;
      labels.push(placed.label);
      taken.push(placed.stretch);
    }
  }
  return labels.sort((one, other) => one.y - other.y || one.at - other.at);
}

function extent(mark: Mark, px: (ms: number) => number): Stretch {
  if (MARK_LOOKS[mark.kind].shape !== undefined)
    return { from: px(mark.from) - POINT_RADIUS_PX, to: Math.max(px(mark.from), px(mark.to)) + POINT_RADIUS_PX };
  return { from: px(mark.from), to: Math.max(px(mark.to), px(mark.from) + 2) };
}

function placeOne(mark: Mark, own: Stretch, taken: readonly Stretch[], width: number): { label: Label; stretch: Stretch } | undefined {
  const base = { y: mark.y, kind: mark.kind };
  const begin = { at: mark.from, align: "left" } as const;
  if (mark.kind === "armed") {
    const room = Math.min(own.to, nextAfter(own.from, taken, width)) - own.from - 2 * GAP_PX;
    const text = fitPixels(mark.label, room, LABEL_TYPE);
    if (text === "" || taken.some((other) => other.from <= own.from && other.to > own.from)) return undefined;
    return {
      label: { ...base, ...begin, dx: GAP_PX, text },
      stretch: { from: own.from, to: own.from + textPixels(text, LABEL_TYPE) + 2 * GAP_PX },
    };
  }
  // A point at the very beginning of a bar only moves the label inwards.
  const start = taken.reduce((x, other) => (other.from <= own.from + 1 && other.to > x ? other.to : x), own.from);
  const inside = Math.min(own.to, nextAfter(start, taken, width)) - start - 2 * GAP_PX;
  const right = nextAfter(own.to, taken, width) - own.to - GAP_PX;
  const left = own.from - lastBefore(own.from, taken) - GAP_PX;
  const isBar = INSIDE.includes(mark.kind);
  const within = (text: string): { label: Label; stretch: Stretch } => ({
    label: { ...base, ...begin, dx: start - own.from + GAP_PX, text },
    stretch: own,
  });
  const toRight = (text: string): { label: Label; stretch: Stretch } => ({
    label: { ...base, at: mark.to, align: "left", dx: (isBar ? 0 : POINT_RADIUS_PX) + 3, text },
    stretch: { from: own.to, to: own.to + textPixels(text, LABEL_TYPE) + GAP_PX },
  });
  const toLeft = (text: string): { label: Label; stretch: Stretch } => ({
    label: { ...base, at: mark.from, align: "right", dx: -(isBar ? 0 : POINT_RADIUS_PX) - 3, text },
    stretch: { from: own.from - textPixels(text, LABEL_TYPE) - GAP_PX, to: own.from },
  });
  for (const text of [mark.label, mark.short]) {
    const wide = textPixels(text, LABEL_TYPE);
    if (text === "") continue;
    if (isBar && wide <= inside) return within(text);
    if (wide <= right) return toRight(text);
    if (wide <= left) return toLeft(text);
  }
  const best = Math.max(isBar ? inside : 0, right, left);
  const text = best < LEAST_PX ? "" : fitPixels(mark.label, best, LABEL_TYPE);
  if (text === "") return undefined;
  if (isBar && best === inside) return within(text);
  return best === right ? toRight(text) : toLeft(text);
}

/** Where the next thing begins at or after `x`, or the end of the row. */
function nextAfter(x: number, taken: readonly Stretch[], width: number): number {
  return taken.reduce(
    (next, other) => (other.to > x && other.from >= x - 0.5 ? Math.min(next, other.from) : other.from < x && other.to > x ? x : next),
    width,
  );
}

function lastBefore(x: number, taken: readonly Stretch[]): number {
  return taken.reduce(
    (last, other) => (other.from < x && other.to <= x + 0.5 ? Math.max(last, other.to) : other.from < x && other.to > x ? x : last),
    0,
  );
}
