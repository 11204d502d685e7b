/**
 * The marks of one run's timeline: facts drawn together where they would lie on each other, labels kept out of each other's
 * way, never more than a limit. Times are rounded to what can be seen, so that running again changes little. All of it is
 * data; `timeline.ts` has the layers that draw it.
 */
import { formatDuration } from "../model/duration.ts";
import { placeLabels } from "./labels.ts";
import type { Label } from "./labels.ts";
import type { Lane, LaneLayout, PlacedFact } from "./lanes.ts";
import { TEXT } from "./limits.ts";
import { MARK_LOOKS } from "./look.ts";
import type { MarkKind } from "./look.ts";
import { counted } from "./words.ts";

/** What a tooltip shows; `title` is its heading. */
export interface Tip {
  readonly title: string;
  readonly at: string;
  readonly [more: string]: string;
}

/** One or several facts as one mark. Times in milliseconds, `y` in pixels. */
export interface Mark {
  readonly kind: MarkKind;
  readonly lane: Lane;
  readonly y: number;
  readonly from: number;
  readonly to: number;
  readonly label: string;
  /** Where there is little room; may be the same. */
  readonly short: string;
  readonly tip: Tip;
  /** Events of the record in it. */
  readonly events: number;
}

export interface RunMarks {
  readonly marks: readonly Mark[];
  readonly labels: readonly Label[];
  /** Events in the drawn marks, and all that could be drawn. */
  readonly shown: number;
  readonly total: number;
  /** More was drawn together than what would have lain on each other. */
  readonly coarse: boolean;
}

/** What is dropped first when even marks drawn together are too many comes first. */
const EXPENDABLE: readonly MarkKind[] = [
  "call",
  "line",
  "off path",
  "up",
  "reset",
  "probe",
  "delayed",
  "down",
  "probe failed",
  "denied",
  "died",
  "violation",
  "armed",
];

/**
 * Pixels within which marks are drawn together, to begin with; doubled until they are few enough, first for what is quiet:
 * lines and calls must not cost a denied call its place.
 */
const NEAR_PX = 7;
const QUIET: readonly MarkKind[] = ["line", "call"];

interface Near {
  readonly quiet: number;
  readonly rest: number;
}

/** Facts of one kind on one row, and where each mark begins among them. */
interface Cut {
  readonly facts: readonly PlacedFact[];
  readonly starts: readonly number[];
}

/** The marks of a run on `width` pixels for `span_ms`; at most `most` of them. */
export function drawRun(
  facts: readonly PlacedFact[],
  layout: LaneLayout,
  scale: { readonly span_ms: number; readonly width: number },
  most: { readonly marks: number; readonly labels: number },
): RunMarks {
  const lanes = new Map(layout.lanes.map((lane) => [lane.name, lane]));
  const drawable = facts.filter((fact) => lanes.has(fact.lane));
  const groups = [...Map.groupBy(drawable, (fact) => `${fact.kind}\0${fact.row}\0${fact.lane}`).values()];
  const isQuiet = (group: readonly PlacedFact[]): boolean => group.some(({ kind }) => QUIET.includes(kind));
  const cutAll = (near: Near): Cut[] =>
    groups.map((facts) => ({ facts, starts: startsOf(facts, ((isQuiet(facts) ? near.quiet : near.rest) / scale.width) * scale.span_ms) }));
  const size = (cuts: readonly Cut[]): number => cuts.reduce((sum, { starts }) => sum + starts.length, 0);
  let near: Near = { quiet: NEAR_PX, rest: NEAR_PX };
  let cuts = cutAll(near);
  const coarse = size(cuts) > most.marks;
  while (size(cuts) > most.marks && near.rest <= scale.width) {
    near = near.quiet > scale.width ? { quiet: near.quiet, rest: 2 * near.rest } : { quiet: 2 * near.quiet, rest: near.rest };
    cuts = cutAll(near);
  }
  const marks = cuts.flatMap(({ facts: group, starts }) =>
    starts.map((start, index) => markOf(group.slice(start, starts[index + 1]), lanes, scale.span_ms)),
  );
  const ranked = marks.toSorted((one, other) => EXPENDABLE.indexOf(other.kind) - EXPENDABLE.indexOf(one.kind)).slice(0, most.marks);
  const kept = marks.length > most.marks ? marks.filter((mark) => ranked.includes(mark)) : marks;
  kept.sort(
    (one, other) =>
      Number(other.kind === "armed") - Number(one.kind === "armed") ||
      one.lane.top - other.lane.top ||
      one.y - other.y ||
      one.from - other.from,
  );
  const shown = kept.reduce((sum, { events }) => sum + events, 0);
  return {
    marks: kept,
    labels: placeLabels(kept, scale).slice(0, most.labels),
    shown,
    total: facts.reduce((sum, { events }) => sum + events, 0),
    coarse,
  };
}

/** The end of the time axis: the next round number above the last moment, so that runs of about the same length look the same. */
export function roundSpan(last_ms: number): number {
  const last = Math.max(last_ms, 0.1) * 1.01;
  const power = 10 ** Math.floor(Math.log10(last));
  const step = [1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10].find((candidate) => candidate * power >= last) ?? 10;
  return Number((step * power).toPrecision(3));
}

/** A moment rounded to 1, 2 or 5 of a power of ten, about a 250th of the axis: finer can't be seen. */
export function roundMoment(ms: number, span_ms: number): number {
  const finest = span_ms / 250;
  const power = 10 ** Math.floor(Math.log10(finest));
  const step = ([1, 2, 5].find((candidate) => candidate * power >= finest) ?? 10) * power;
  return Number((Math.round(ms / step) * step).toPrecision(6));
}

/** Begins a mark where a fact is further than `near_ms` from the first one of the mark before, and doesn't overlap with it. */
function startsOf(facts: readonly PlacedFact[], near_ms: number): number[] {
  const starts: number[] = [];
  let from_ms = -Infinity;
  let to_ms = -Infinity;
  facts.forEach((fact, index) => {
    const isOver = fact.to_ms > fact.from_ms && fact.from_ms < to_ms && fact.kind !== "armed";
    if (fact.from_ms - from_ms < near_ms || isOver) {
      to_ms = Math.max(to_ms, fact.to_ms);
      return;
    }
    starts.push(index);
    from_ms = fact.from_ms;
    to_ms = fact.to_ms;
  });
  return starts;
}

/** Texts named in the tooltip beside the most frequent one. */
const ALSO = 3;

function markOf(facts: readonly PlacedFact[], lanes: ReadonlyMap<string, Lane>, span_ms: number): Mark {
  const [first] = facts;
  const lane = first === undefined ? undefined : lanes.get(first.lane);
  if (first === undefined || lane === undefined) throw new Error("a mark needs a fact on a lane");
  const from = roundMoment(first.from_ms, span_ms);
  const to = roundMoment(
    facts.reduce((last, fact) => Math.max(last, fact.to_ms), 0),
    span_ms,
  );
  const texts = new Map<string, number>();
  for (const { label } of facts) texts.set(label, (texts.get(label) ?? 0) + 1);
  let [text, times] = ["", 0];
  for (const [other, number] of texts) if (number > times) [text, times] = [other, number];
  const others: [text: string, times: number][] = [];
  for (const pair of texts) if (pair[0] !== text && others.push(pair) === ALSO) break;
  const repeated = times > 1 ? `${text} ×${counted(times)}` : text;
  const more = facts.length - times;
  const at = to > from ? `${formatDuration(from)} to ${formatDuration(to)}` : formatDuration(from);
  const tip: Record<string, string> = {};
  if (first.detail !== "" && others.length === 0) tip["detail"] = cut(first.detail, TEXT.tooltip);
  if (others.length > 0)
    tip["also"] = cut(others.map(([other, number]) => (number > 1 ? `${other} ×${counted(number)}` : other)).join("; "), TEXT.tooltip);
  return {
    kind: first.kind,
    lane,
    y: lane.rows.get(first.row) ?? lane.top,
    from,
    to,
    label: cut(more > 0 ? `${cut(repeated, TEXT.label - 16)}, ${counted(more)} more` : repeated, TEXT.label),
    short: shortLabel(facts, others.length === 0),
    tip: { title: cut(repeated === "" ? MARK_LOOKS[first.kind].word : repeated, TEXT.tooltip), at, ...tip },
    events: facts.reduce((sum, fact) => sum + fact.events, 0),
  };
}

/** "ECONNREFUSED ×3"; of facts that differ, only how many. */
function shortLabel(facts: readonly PlacedFact[], isOne: boolean): string {
  const [first] = facts;
  if (first === undefined) return "";
  if (isOne && first.short === undefined) return "";
  const times = facts.length > 1 ? `×${counted(facts.length)}` : "";
  return isOne ? `${first.short ?? ""} ${times}`.trim() : times;
}

function cut(text: string, characters: number): string {
  const flat = text.replaceAll(/\s+/g, " ").trim();
  return flat.length <= characters ? flat : `${flat.slice(0, characters - 1).trimEnd()}…`;
}
