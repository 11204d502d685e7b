/** The grid of a matrix: columns, rows, cells with verdict, time and what the fault did. The upper view of the matrix. */
import { formatDuration } from "../model/duration.ts";
import type { Json } from "../model/json.ts";
import type { CellRecord, MatrixRecord } from "../model/verdict.ts";
import { pageTexts } from "./layers.ts";
import type { PageText } from "./layers.ts";
import { BASELINE_LOOK, INK, PAGE, VERDICT_LOOKS } from "./look.ts";
import type { VerdictLook } from "./look.ts";
import { fitNames, fitPixels, textPixels, wrapPixels } from "./pixels.ts";
import { nameTexts } from "./timeline-view.ts";
import { amount, caption, counts, hitNote, placeName, places, recoveryNote } from "./words.ts";
import type { Place } from "./words.ts";

/** A place of the grid with its id among the data ("row.column", the baseline being column 0) and the length of its time axis. */
export interface DrawnPlace {
  readonly place: Place;
  readonly row: number;
  readonly column: number;
  readonly id: string;
  readonly span_ms: number;
}

export interface GridOptions {
  readonly record: MatrixRecord;
  readonly scenarios: readonly string[];
  readonly faults: readonly string[];
  readonly drawn: readonly DrawnPlace[];
  /** Where the columns begin, in pixels. */
  readonly left: number;
  /** The cell that is chosen to begin with. */
  readonly first: DrawnPlace | undefined;
}

interface Cells {
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly gap: number;
  readonly look: "three lines" | "two lines" | "tight";
  readonly angle: number;
}

/** What a screen reader says of a cell. */
const SAYS = "datum.tip.title + ': ' + datum.tip.verdict + (datum.tip.reason ? ', ' + datum.tip.reason : '')";

export function gridView(options: GridOptions): { readonly view: Record<string, Json>; readonly rows: Record<string, Json[]> } {
  const { record, scenarios, faults, drawn, left, first } = options;
  const cells = layOut(options);
  const height = cells.top + scenarios.length * (cells.height + cells.gap);
  const texts: PageText[] = [
    ...headTexts(record).texts,
    ...columnTexts(faults, cells, left),
    ...nameTexts(
      scenarios.map((name, row) => ({ name, y: cells.top + row * (cells.height + cells.gap) + cells.height / 2 })),
      left,
    ),
    ...drawn.flatMap((one) => cellTexts(one, cells, left)),
  ];
  const leftOut = [
    record.scenarios.length > scenarios.length ? amount(record.scenarios.length - scenarios.length, "scenario") : "",
    record.faults.length > faults.length ? amount(record.faults.length - faults.length, "fault") : "",
  ].filter((text) => text !== "");
  if (leftOut.length > 0)
    texts.push({ x: left, y: height + 4, text: `and ${leftOut.join(" and ")} more, in the text of this output`, ink: INK.quiet, size: 11 });
  const position = (field: string): Json => ({ field, type: "quantitative", scale: null, axis: null });
  const chosen = { param: "chosen", empty: false };
  return {
    rows: { cells: drawn.map((one) => cellRow(one, cells, left)), texts: texts.map((text) => ({ ...text })) },
    view: {
      name: "grid",
      width: PAGE.width,
      height: height + (leftOut.length > 0 ? 14 : 0),
      layer: [
        ...(first === undefined
          ? []
          : [
              {
                name: "cells",
                data: { name: "cells" },
                params: [
                  {
                    name: "chosen",
                    // Only a click on a cell chooses: one beside it would choose nothing and leave the lower half empty.
                    select: { type: "point", fields: ["cell", "span"], toggle: false, clear: false, on: "@cells_marks:click" },
                    value: [{ cell: first.id, span: first.span_ms }],
                  },
                ],
                mark: { type: "rect", cornerRadius: 5, cursor: "pointer", description: { expr: SAYS } },
                encoding: {
                  x: position("x"),
                  x2: { field: "x2" },
                  y: position("y"),
                  y2: { field: "y2" },
                  fill: { field: "fill", type: "nominal", scale: null },
                  stroke: { condition: { ...chosen, value: INK.strong }, field: "line", type: "nominal", scale: null },
                  strokeWidth: { condition: { ...chosen, value: 2.5 }, value: 1 },
                  tooltip: { field: "tip", type: "nominal" },
                },
              },
            ]),
        pageTexts("texts"),
      ],
    },
  };
}

/** As large as the page allows: three lines a cell for few columns and rows, two for more, a glyph and a time for many. */
function layOut({ record, scenarios, faults, left }: GridOptions): Cells {
  const columns = 1 + faults.length;
  const gap = columns > 8 ? 3 : 5;
  const names = Math.max(0, ...faults.map((name) => textPixels(name, COLUMN_TYPE)));
  const straight = Math.min(184, Math.floor((PAGE.width - left + gap) / columns) - gap);
  const isTight = straight < 76;
  const isTilted = isTight || names > straight * 1.6;
  // A tilted name of the last column needs room at the right.
  const room = isTilted ? PAGE.width - left - Math.min(names, TILTED_PX) * COS : PAGE.width - left;
  const width = isTilted ? Math.min(184, Math.floor((room + gap) / columns) - gap) : straight;
  const look = isTight ? "tight" : width >= 118 && scenarios.length <= 8 ? "three lines" : "two lines";
  const height = look === "three lines" ? 62 : look === "two lines" ? 44 : 34;
  const head = isTilted ? Math.ceil(Math.min(names, TILTED_PX) * SIN) + 18 : 24;
  return { top: headTexts(record).bottom + head, width, height, gap, look, angle: isTilted ? TILT : 0 };
}

const COLUMN_TYPE = { size: 12, bold: true } as const;
const TILT = -40;
const TILTED_PX = 170;
const COS = Math.cos((TILT * Math.PI) / 180);
const SIN = -Math.sin((TILT * Math.PI) / 180);

function columnTexts(faults: readonly string[], cells: Cells, left: number): PageText[] {
  const isTilted = cells.angle !== 0;
  const fitting = fitNames(faults, isTilted ? TILTED_PX : cells.width + cells.gap - 6, COLUMN_TYPE);
  return ["baseline", ...fitting].map((text, column) => ({
    x: left + column * (cells.width + cells.gap) + cells.width / 2,
    y: cells.top - (isTilted ? 11 : 13),
    text,
    ink: column === 0 ? INK.quiet : INK.strong,
    ...COLUMN_TYPE,
    ...(isTilted ? { angle: cells.angle } : { align: "center" as const }),
  }));
}

/** Name, caption and counts; `bottom` is where the columns' names may begin. */
function headTexts(record: MatrixRecord): { readonly texts: readonly PageText[]; readonly bottom: number } {
  const title = { size: 15, bold: true } as const;
  const count = { size: 12, bold: true } as const;
  const name = fitPixels(record.name, PAGE.width * 0.55, title);
  const texts: PageText[] = [
    { x: 0, y: 9, text: name, ink: INK.strong, ...title },
    { x: Math.ceil(textPixels(name, title)) + 14, y: 10, text: caption(record), ink: INK.quiet, size: 12 },
  ];
  const words = counts(places(record)).map(([state, number]) => {
    const { glyph, ink } = VERDICT_LOOKS[state];
    return { text: `${glyph} ${number} ${state}`, ink, ...count };
  });
  const quiet = { ink: INK.quiet, size: 12 };
  const more = [
    ...(record.state === "interrupted" ? [{ text: "interrupted", ...quiet }] : []),
    ...(record.scenarios.length === 0 ? [{ text: "nothing to run: the matrix has no scenarios", ...quiet }] : []),
  ];
  let x = 0;
  let y = 32;
  for (const word of [...words, ...more]) {
    const wide = Math.ceil(textPixels(word.text, count));
    if (x > 0 && x + wide > PAGE.width) {
      x = 0;
      y += 18;
    }
    texts.push({ x, y, ...word });
    x += wide + 18;
  }
  return { texts, bottom: y + 20 };
}

function lookOf(place: Place): VerdictLook {
  return place.fault === undefined && place.state === "passed" ? BASELINE_LOOK : VERDICT_LOOKS[place.state];
}

function corner({ row, column }: DrawnPlace, cells: Cells, left: number): { readonly x: number; readonly y: number } {
  return { x: left + column * (cells.width + cells.gap), y: cells.top + row * (cells.height + cells.gap) };
}

function cellRow(one: DrawnPlace, cells: Cells, left: number): Json {
  const { place, id, span_ms } = one;
  const { x, y } = corner(one, cells, left);
  const { fill, line } = lookOf(place);
  return { cell: id, span: span_ms, x, x2: x + cells.width, y, y2: y + cells.height, fill, line, tip: tooltip(place) };
}

function tooltip(place: Place): Record<string, string> {
  const { cell } = place;
  const tip: Record<string, string> = { title: placeName(place), verdict: place.state };
  if (cell === undefined) return tip;
  if (cell.tolerated) tip["verdict"] = `${place.state}, tolerated: the answer is as in the baseline`;
  if (cell.reason !== "") tip["reason"] = cell.reason;
  tip["answer"] = `${cell.answer === "" ? "" : `${cell.answer} in `}${formatDuration(cell.duration_ms)}`;
  const note = hitNote(cell.hits);
  const where = [...new Set(cell.hits.flatMap((hit) => hit.where))];
  if (note !== "") tip["fault"] = note;
  if (where.length > 0) tip["fired at"] = where.join("; ");
  const recovery = recoveryNote(cell);
  if (recovery !== "") tip["recovery"] = recovery;
  if (cell.notes.length > 0) tip["notes"] = cell.notes.join("; ");
  return tip;
}

function cellTexts(one: DrawnPlace, cells: Cells, left: number): PageText[] {
  const { place } = one;
  const { cell } = place;
  const { x, y } = corner(one, cells, left);
  const { glyph, ink } = lookOf(place);
  const middle = x + cells.width / 2;
  const room = cells.width - 8;
  const center = { x: middle, align: "center" } as const;
  const time = cell === undefined || place.state === "not run" ? "" : formatDuration(cell.duration_ms);
  if (cells.look === "tight") {
    const texts: PageText[] = [{ ...center, y: y + (time === "" ? cells.height / 2 : 11), text: glyph, ink, size: 14, bold: true }];
    if (time !== "") texts.push({ ...center, y: y + 25, text: fitPixels(time, cells.width - 2, { size: 9.5 }), ink, size: 9.5 });
    return texts;
  }
  const head =
    cell === undefined
      ? place.state === "to come" || place.state === "running"
        ? glyph
        : `${glyph} ${place.state}`
      : time === ""
        ? `${glyph} ${place.state}`
        : `${glyph} ${time}`;
  const shown = noteLines(place, room, cells.look === "three lines" ? 2 : 1);
  const step = 15;
  const first = y + cells.height / 2 - (shown.length * step) / 2;
  return [
    { ...center, y: first, text: head, ink, size: 14, bold: true },
    ...shown.map((text, index): PageText => ({
      ...center,
      y: first + 3 + (index + 1) * step,
      text: fitPixels(text, room, { size: 10.5 }),
      ink: index === 0 || cell?.fault === undefined || isProofless(cell) ? INK.normal : ink,
      size: 10.5,
    })),
  ];
}

/** Under the verdict: why it proves nothing; or what the fault did, and how the system came back. */
function noteLines(place: Place, pixels: number, most: number): string[] {
  const { cell } = place;
  if (cell === undefined) return [];
  if (cell.fault === undefined) return wrapPixels(cell.reason || cell.answer, pixels, NOTE_TYPE, most);
  const hits = hitNote(cell.hits);
  // Process ids are for checking by hand, below; they only take room here.
  if (hits === "" || isProofless(cell)) return wrapPixels(cell.reason.replaceAll(/ \(pid \d+\)/g, "") || hits, pixels, NOTE_TYPE, most);
  const recovery = cell.recovery?.outcome === "recovered" ? recoveryNote(cell) : (cell.recovery?.outcome ?? "");
  const second = [cell.tolerated ? "tolerated" : "", recovery === "not tried" ? "" : recovery]
    .filter((text) => text !== "")
    .join(", ")
    .replace("tolerated, recovered in", "tolerated, well in");
  return [hits, second].filter((text) => text !== "").slice(0, most);
}

const NOTE_TYPE = { size: 10.5 } as const;

function isProofless({ verdict }: CellRecord): boolean {
  return verdict !== "passed" && verdict !== "failed" && verdict !== "expectation violated";
}
