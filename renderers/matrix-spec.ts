/**
 * A matrix as one Vega-Lite output: the grid with its baseline, and below it what is known of the chosen cell and the
 * timeline of its run. Choosing needs no kernel: all runs lie in the output, as many marks of each as limits.ts allows.
 */
import type { Event } from "../model/event.ts";
import type { Json } from "../model/json.ts";
import type { CellRecord, MatrixRecord } from "../model/verdict.ts";
import type { VegaLiteSpec } from "./bundle.ts";
import { chosenFacts } from "./chosen.ts";
import { factsOf } from "./facts.ts";
import { gridView } from "./grid.ts";
import type { DrawnPlace } from "./grid.ts";
import { layOutLanes, placeFacts } from "./lanes.ts";
import type { PlacedFact } from "./lanes.ts";
import { pageTexts } from "./layers.ts";
import { GRID, LANES } from "./limits.ts";
import { CONFIG, INK, PAGE } from "./look.ts";
import type { MarkKind } from "./look.ts";
import { drawRun, roundSpan } from "./marks.ts";
import { laneNames, laneRows, lanesView, legendView, nameExtent, runRows } from "./timeline-view.ts";
import { caption, firedTimes, places } from "./words.ts";
import type { Place } from "./words.ts";

/** The filter of everything that belongs to the chosen cell, and the end of its time axis. */
const CHOSEN = "chosen.cell && datum.cell === chosen.cell[0]";
const SPAN = { expr: "chosen_span" };

/** `events` gives the events of a cell's run, in the order of the record; it is asked once for each cell. */
export function matrixSpec(record: MatrixRecord, events: (cell: CellRecord) => readonly Event[]): VegaLiteSpec {
  const scenarios = record.scenarios.slice(0, GRID.scenarios);
  const faults = record.faults.slice(0, GRID.faults);
  const shown = places(record).filter(
    ({ scenario, fault }) => scenarios.includes(scenario) && (fault === undefined || faults.includes(fault)),
  );
  const runs = shown.map((place) => (place.cell === undefined ? [] : placeFacts(runFacts(place.cell, events))));
  const layout = layOutLanes(record.services, runs);
  const extent = nameExtent([...scenarios, ...layout.lanes.map(({ name }) => name)], faults.length > 6 ? 150 : 190);

  const drawn = shown.map((place): DrawnPlace => {
    const row = scenarios.indexOf(place.scenario);
    const column = place.fault === undefined ? 0 : 1 + faults.indexOf(place.fault);
    return { place, row, column, id: `${row}.${column}`, span_ms: spanOf(place, runs[row * (1 + faults.length) + column] ?? []) };
  });
  const quotas = shareOut(
    LANES.marks_of_matrix,
    runs.map((run) => Math.min(run.length, LANES.marks)),
  );
  const rows: Record<"bars" | "points" | "labels", Json[]> = { bars: [], points: [], labels: [] };
  const kinds = new Set<MarkKind>();
  const facts: Json[] = [];
  let fact_lines = 0;
  drawn.forEach((one, index) => {
    const scale = { span_ms: one.span_ms, width: extent.width };
    const marks = quotas[index] ?? 0;
    const run = drawRun(runs[index] ?? [], layout, scale, { marks, labels: Math.min(LANES.labels, marks) });
    for (const { kind } of run.marks) kinds.add(kind);
    const tagged = runRows(run, scale, { cell: one.id });
    for (const set of ["bars", "points", "labels"] as const) rows[set].push(...tagged[set]);
    const baseline = record.cells.find((cell) => cell.scenario === one.place.scenario && cell.fault === undefined);
    const texts = chosenFacts(one.place, baseline, run, layout.left_out);
    fact_lines = Math.max(fact_lines, ...texts.map(({ y }) => y));
    facts.push(...texts.map((text) => ({ cell: one.id, ...text })));
  });

  const grid = gridView({ record, scenarios, faults, drawn, left: extent.left, first: mostInteresting(drawn) });
  const legend = legendView(kinds);
  const base = {
    $schema: "https://vega.github.io/schema/vega-lite/v5.json",
    description: `Fault matrix ${record.name}: ${caption(record)}`,
    background: INK.paper,
    padding: PAGE.padding,
    spacing: 14,
    config: CONFIG,
  };
  if (drawn.length === 0) return { ...base, datasets: grid.rows, vconcat: [grid.view] };
  return {
    ...base,
    params: [{ name: "chosen_span", expr: "chosen.span ? chosen.span[0] : 1" }],
    datasets: {
      ...grid.rows,
      facts,
      lanes: laneRows(layout),
      lane_names: laneNames(layout, extent.left),
      ...rows,
      ...legend.rows,
    },
    vconcat: [
      grid.view,
      { name: "facts", width: PAGE.width, height: fact_lines + 8, layer: [pageTexts("facts", CHOSEN)] },
      lanesView(layout, extent, SPAN, CHOSEN),
      legend.view,
    ],
  };
}

function runFacts(cell: CellRecord, events: (cell: CellRecord) => readonly Event[]): ReturnType<typeof factsOf> {
  return factsOf(events(cell), cell.window, cell.hits);
}

function spanOf(place: Place, facts: readonly PlacedFact[]): number {
  const { cell } = place;
  if (cell === undefined) return 1;
  return roundSpan(facts.reduce((last, { to_ms }) => Math.max(last, to_ms), cell.window.ended_ms - cell.window.began_ms));
}

/** Failed, violated and errored cells first, then what proves nothing, then the one whose fault fired most; else the first. */
function mostInteresting(drawn: readonly DrawnPlace[]): DrawnPlace | undefined {
  const rank = ({ place }: DrawnPlace): number => {
    switch (place.state) {
      case "failed":
      case "expectation violated":
      case "errored":
        return 4;
      case "bypassed":
      case "inconclusive":
        return 3;
      case "passed":
        return place.fault !== undefined && firedTimes(place.cell?.hits ?? []) > 0 ? 2 : 1;
      case "excluded":
      case "not run":
      case "stale":
      case "to come":
      case "running":
        return 0;
    }
  };
  return drawn.reduce<DrawnPlace | undefined>((best, one) => (best === undefined || rank(one) > rank(best) ? one : best), undefined);
}

/** Parts of a whole: everyone what it needs as long as that is not more than its share of what is left. */
function shareOut(whole: number, needs: readonly number[]): number[] {
  const parts = needs.map(() => 0);
  let left = whole;
  const rising = needs.map((need, index) => ({ need, index })).sort((one, other) => one.need - other.need);
  rising.forEach(({ need, index }, position) => {
    const part = Math.min(need, Math.floor(left / (rising.length - position)));
    parts[index] = part;
    left -= part;
  });
  return parts;
}
