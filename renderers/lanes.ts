/**
 * Where the facts of runs lie on a timeline: lanes and their rows, the same for all runs that share a picture, so that it
 * doesn't jump when another run is chosen. Heights in pixels; what a mark looks like is not decided here.
 */
import { TEST_LANE } from "./facts.ts";
import type { Fact } from "./facts.ts";
import { LANES } from "./limits.ts";
import type { MarkKind } from "./look.ts";

/** A row of a lane: probes (possibly several rows), names of bands, what was done to calls and services, quiet ticks. */
export type Row = `probe ${number}` | "band" | "act" | "tick";

export interface Lane {
  readonly name: string;
  readonly top: number;
  readonly bottom: number;
  /** Middle of each row that something lies on. */
  readonly rows: ReadonlyMap<Row, number>;
}

export interface LaneLayout {
  readonly lanes: readonly Lane[];
  readonly height: number;
  /** Services that have no lane because there are too many. */
  readonly left_out: number;
}

/** A fact with the row that it lies on. */
export interface PlacedFact extends Fact {
  readonly row: Row;
}

const ROW_HEIGHT = { probe: 21, band: 17, act: 21, tick: 17 } as const;
const LANE = { padding: 4, least: 26, gap: 3 } as const;

/** Gives every fact its row: probes that overlap one below the other, everything else by what it is. */
export function placeFacts(facts: readonly Fact[]): PlacedFact[] {
  const ends: number[] = [];
  return facts.map((fact): PlacedFact => {
    if (fact.kind !== "probe" && fact.kind !== "probe failed") return { ...fact, row: ROW_OF[fact.kind] };
    const free = ends.findIndex((end_ms) => end_ms <= fact.from_ms);
    const row = free >= 0 ? free : Math.min(ends.length, LANES.probe_rows - 1);
    ends[row] = Math.max(ends[row] ?? 0, fact.to_ms);
    return { ...fact, row: `probe ${row}` };
  });
}

/** Lanes for the probes and all services, in the order given; services only known from facts follow by name. */
export function layOutLanes(services: readonly string[], runs: readonly (readonly PlacedFact[])[]): LaneLayout {
  const used = new Map<string, Set<Row>>();
  for (const run of runs) for (const { lane, row } of run) used.set(lane, (used.get(lane) ?? new Set<Row>()).add(row));
  const known = new Set([TEST_LANE, ...services]);
  const names = [...known, ...[...used.keys()].filter((name) => !known.has(name)).sort()];
  const shown = names.slice(0, 1 + LANES.services);
  let top = 0;
  const lanes = shown.map((name): Lane => {
    const rows = [...(used.get(name) ?? [])].sort((one, other) => rank(one) - rank(other));
    const heights = rows.map((row) => ROW_HEIGHT[kindOfRow(row)]);
    const content = heights.reduce((sum, height) => sum + height, 0);
    const height = Math.max(LANE.least, content + 2 * LANE.padding);
    let y = top + (height - content) / 2;
    const middles = new Map<Row, number>();
    rows.forEach((row, index) => {
      const row_height = heights[index] ?? 0;
      middles.set(row, Math.round(y + row_height / 2));
      y += row_height;
    });
    const lane = { name, top, bottom: top + height, rows: middles };
    top += height + LANE.gap;
    return lane;
  });
  return { lanes, height: Math.max(LANE.least, top - LANE.gap), left_out: names.length - shown.length };
}

const ROW_OF: Readonly<Record<Exclude<MarkKind, "probe" | "probe failed">, Row>> = {
  armed: "band",
  denied: "act",
  delayed: "act",
  reset: "act",
  "off path": "act",
  down: "act",
  died: "act",
  up: "act",
  violation: "act",
  line: "tick",
  call: "tick",
};

function kindOfRow(row: Row): keyof typeof ROW_HEIGHT {
  return row === "band" || row === "act" || row === "tick" ? row : "probe";
}

function rank(row: Row): number {
  const order: Readonly<Record<string, number>> = { band: 10, act: 11, tick: 12 };
  return order[row] ?? Number(row.slice("probe ".length));
}
