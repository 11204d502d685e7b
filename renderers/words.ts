/** What a matrix record says in words, the same in the grid, the text and the tooltips. No layout, no colours. */
import { formatDuration } from "../model/duration.ts";
import { VERDICTS } from "../model/verdict.ts";
import type { CellRecord, MatrixRecord, RuleHits, Verdict } from "../model/verdict.ts";

/** A place of the grid: what is known of it, or that it is still to come. */
export interface Place {
  readonly scenario: string;
  /** Absent for the baseline. */
  readonly fault?: string;
  readonly state: Verdict | "to come" | "running";
  readonly cell?: CellRecord;
}

/** "create_order × db_down", "create_order, baseline". */
export function placeName(place: { readonly scenario: string; readonly fault?: string }): string {
  return place.fault === undefined ? `${place.scenario}, baseline` : `${place.scenario} × ${place.fault}`;
}

/**
 * All places, row by row, the baseline first in each. Of a running matrix, the place that runs is the one that the record
 * names, else the first without a record in the order of running (baselines, then fault by fault; a fault that was begun goes on).
 */
export function places(record: MatrixRecord): Place[] {
  const done = new Map(record.cells.map((cell) => [placeName(cell), cell]));
  const excluded = new Set(record.excluded.map(([scenario, fault]) => placeName({ scenario, fault })));
  const columns = [undefined, ...record.faults];
  const at = (scenario: string, fault: string | undefined): { scenario: string; fault?: string } =>
    fault === undefined ? { scenario } : { scenario, fault };
  const isOpen = (place: { scenario: string; fault?: string }): boolean => !done.has(placeName(place)) && !excluded.has(placeName(place));
  const begun = record.cells.at(-1)?.fault;
  const order = begun === undefined ? columns : [undefined, begun, ...record.faults];
  const open = order.flatMap((fault) => record.scenarios.map((scenario) => at(scenario, fault))).filter(isOpen);
  const now = record.state === "running" ? (record.running ?? open[0]) : undefined;
  const running = now === undefined ? undefined : placeName(now);
  return record.scenarios.flatMap((scenario) =>
    columns.map((fault): Place => {
      const place = at(scenario, fault);
      const cell = done.get(placeName(place));
      if (cell !== undefined) return { ...place, state: cell.verdict, cell };
      if (excluded.has(placeName(place))) return { ...place, state: "excluded" };
      if (placeName(place) === running) return { ...place, state: "running" };
      return { ...place, state: record.state === "running" ? "to come" : "not run" };
    }),
  );
}

/** "2 scenarios × 3 faults − 1 excluded = 5". */
export function caption(record: MatrixRecord): string {
  const excluded = record.excluded.length;
  const cells = record.scenarios.length * record.faults.length - excluded;
  const minus = excluded === 0 ? "" : ` − ${excluded} excluded`;
  return `${amount(record.scenarios.length, "scenario")} × ${amount(record.faults.length, "fault")}${minus} = ${cells}`;
}

/** How many cells (baselines apart) came to what, in the order of VERDICTS, then what is to come; zeros left out. */
export function counts(all: readonly Place[]): [state: Place["state"], cells: number][] {
  const states = [...VERDICTS, "running", "to come"] as const;
  const cells = all.filter((place) => place.fault !== undefined && place.state !== "excluded");
  return states
    .map((state): [Place["state"], number] => [state, cells.filter((place) => place.state === state).length])
    .filter(([, number]) => number > 0);
}

/** What the fault did in this cell: "refused 3, reset 5", "delayed 1 connect"; "" where it did nothing on the path. */
export function hitNote(hits: readonly RuleHits[]): string {
  const fired = new Map<string, { unit: string; number: number }>();
  let reset = 0;
  for (const hit of hits) {
    reset += hit.reset;
    if (hit.fired === 0) continue;
    const isRefusal = hit.keyword === "connect" && hit.action.includes("refused");
    const verb = hit.action.startsWith("delay") ? "delayed" : isRefusal ? "refused" : "denied";
    const key = isRefusal ? verb : `${verb} ${hit.keyword}`;
    const known = fired.get(key) ?? { unit: isRefusal ? "" : ` ${hit.keyword}`, number: 0 };
    fired.set(key, { unit: known.unit, number: known.number + hit.fired });
  }
  const parts = Array.from(fired, ([key, { unit, number }]) => `${key.split(" ")[0] ?? ""} ${counted(number)}${unit}`);
  if (reset > 0) parts.push(`reset ${counted(reset)}`);
  return parts.join(", ");
}

/** How often all rules of a cell fired on the scenario's path. */
export function firedTimes(hits: readonly RuleHits[]): number {
  return hits.reduce((sum, hit) => sum + hit.fired, 0);
}

/** For each fault, over all cells: what it did, and where, the most frequent places first. */
export function faultSummary(record: MatrixRecord, fault: string): { readonly note: string; readonly where: readonly string[] } {
  const hits = record.cells.filter((cell) => cell.fault === fault).flatMap((cell) => cell.hits);
  const where = [...new Set(hits.flatMap((hit) => hit.where))];
  const elsewhere = [...new Set(hits.flatMap((hit) => hit.elsewhere))];
  const done = record.cells.some((cell) => cell.fault === fault);
  const off = elsewhere.length > 0 ? `off the path: ${elsewhere.join(", ")}` : "";
  const note = hitNote(hits) || (done ? "never fired" : record.state === "running" ? "not armed yet" : "never armed");
  return { note: off === "" ? note : `${note}; ${off}`, where };
}

/** One sentence about a cell that isn't a plain pass; undefined for one that is. */
export function remark(place: Place): string | undefined {
  const { cell } = place;
  if (cell === undefined) return undefined;
  const reason = cell.reason === "" ? "" : `: ${cell.reason}`;
  const recovery = cell.recovery !== undefined && cell.recovery.outcome !== "recovered" ? cell.recovery : undefined;
  const after = recovery === undefined || recovery.outcome === "not tried" ? "" : `; ${recoveryNote(cell)}`;
  if (cell.verdict === "passed") {
    if (cell.fault === undefined) return cell.reason === "" ? undefined : `passed${reason}`;
    const said = [cell.tolerated ? "tolerated" : "", cell.reason, after.slice(2), ...cell.notes].filter((text) => text !== "");
    return said.length === 0 ? undefined : said.join("; ");
  }
  return `${cell.verdict}${reason}${after}${cell.notes.length === 0 ? "" : `; ${cell.notes.join("; ")}`}`;
}

/** "recovered in 340 ms", "needs a restart: db had exited with 1; restarted, then well"; "" where it wasn't tried. */
export function recoveryNote(cell: CellRecord): string {
  const { recovery } = cell;
  if (recovery === undefined || recovery.outcome === "not tried") return "";
  if (recovery.outcome === "recovered") return `recovered in ${formatDuration(recovery.ms)}`;
  return recovery.detail === "" || recovery.detail.startsWith(recovery.outcome)
    ? recovery.detail || recovery.outcome
    : `${recovery.outcome}: ${recovery.detail}`;
}

/** "1 fault", "3 faults", "no faults". */
export function amount(number: number, noun: string): string {
  return `${number === 0 ? "no" : counted(number)} ${noun}${number === 1 ? "" : "s"}`;
}

/** 100000 as "100,000". */
export function counted(number: number): string {
  return number.toLocaleString("en-US");
}
