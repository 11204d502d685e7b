/** A matrix as plain text: for terminals, diffs and screen readers. Says everything that the picture says. */
import { formatDuration } from "../model/duration.ts";
import type { MatrixRecord } from "../model/verdict.ts";
import { padColumns, terminalColumns, wrapColumns } from "./columns.ts";
import { TEXT } from "./limits.ts";
import { VERDICT_LOOKS } from "./look.ts";
import { amount, caption, counts, faultSummary, placeName, places, remark } from "./words.ts";
import type { Place } from "./words.ts";

/** Lines of at most `width` columns (80 unless told). Where the grid is wider than that, a list takes its place. */
export function matrixText(record: MatrixRecord, options: { readonly width?: number } = {}): string {
  const width = options.width ?? TEXT.columns;
  const all = places(record);
  const grid = gridLines(record, all);
  const shown = grid.every((line) => terminalColumns(line) <= width) ? grid : listLines(record, all, width);
  const sum = counts(all).map(([state, number]) => `${VERDICT_LOOKS[state].glyph} ${number} ${state}`);
  const lines = [
    ...(record.scenarios.length === 0 ? [] : shown),
    ...wrapColumns(
      `${caption(record)}${sum.length === 0 ? "" : `: ${sum.join(", ")}`}${record.state === "interrupted" ? " · interrupted" : ""}`,
      width,
      "  ",
    ),
  ];
  const remarks = all.flatMap((place) => {
    const said = remark(place);
    return said === undefined ? [] : wrapColumns(`${VERDICT_LOOKS[place.state].glyph} ${placeName(place)}: ${said}`, width, "    ");
  });
  const unrun = all.filter((place) => place.cell === undefined && place.state === "not run").length;
  const begun = `${VERDICT_LOOKS["not run"].glyph} ${amount(unrun, "run")} never begun: the matrix was interrupted`;
  if (unrun > 0) remarks.push(...wrapColumns(begun, width, "    "));
  if (remarks.length > 0) lines.push("", ...remarks);
  if (record.faults.length > 0) lines.push("", ...record.faults.flatMap((fault) => faultLines(record, fault, width)));
  return lines.join("\n");
}

/** A verdict where it matters, else how long the scenario took. */
function cellText(place: Place): string {
  const { glyph } = VERDICT_LOOKS[place.state];
  switch (place.state) {
    case "passed":
    case "failed":
    case "expectation violated":
      return place.cell === undefined ? glyph : `${glyph} ${formatDuration(place.cell.duration_ms)}`;
    case "to come":
    case "running":
      return glyph;
    default:
      return `${glyph} ${place.state}`;
  }
}

function gridLines(record: MatrixRecord, all: readonly Place[]): string[] {
  const columns = 1 + record.faults.length;
  const rows = [
    ["", "baseline", ...record.faults],
    ...record.scenarios.map((scenario, row) => [scenario, ...all.slice(row * columns, (row + 1) * columns).map(cellText)]),
  ];
  const widths = Array.from({ length: 1 + columns }, (_, column) => Math.max(...rows.map((row) => terminalColumns(row[column] ?? ""))));
  const rule = (left: string, cross: string, right: string): string =>
    left + widths.map((wide) => "─".repeat(wide + 2)).join(cross) + right;
  const line = (row: readonly string[]): string =>
    `│${widths.map((wide, column) => ` ${padColumns(row[column] ?? "", wide)} `).join("│")}│`;
  const [head = [], ...body] = rows;
  return [rule("┌", "┬", "┐"), line(head), rule("├", "┼", "┤"), ...body.map(line), rule("└", "┴", "┘")];
}

function listLines(record: MatrixRecord, all: readonly Place[], width: number): string[] {
  const names = ["baseline", ...record.faults];
  const wide = Math.min(Math.max(...names.map(terminalColumns)), Math.floor(width * 0.6));
  const columns = 1 + record.faults.length;
  return record.scenarios.flatMap((scenario, row) => [
    ...wrapColumns(scenario, width, "  "),
    ...all.slice(row * columns, (row + 1) * columns).flatMap((place) => {
      const lines = wrapColumns(place.fault ?? "baseline", wide, "");
      return lines.map((line, index) => (index < lines.length - 1 ? `  ${line}` : `  ${padColumns(line, wide)}  ${cellText(place)}`));
    }),
    "",
  ]);
}

function faultLines(record: MatrixRecord, fault: string, width: number): string[] {
  const { note, where } = faultSummary(record, fault);
  return [
    ...wrapColumns(`${fault}: ${note}`, width, "    "),
    ...where.flatMap((place) => wrapColumns(`  ${place}`, width - 2, "    ").map((line, index) => (index === 0 ? `  ${line}` : line))),
  ];
}
