/** What stands below the grid about the chosen cell: its verdict, what can be checked by hand, how it recovered. */
import { formatDuration } from "../model/duration.ts";
import type { CellRecord } from "../model/verdict.ts";
import type { PageText } from "./layers.ts";
import { GRID } from "./limits.ts";
import { BASELINE_LOOK, INK, PAGE, VERDICT_LOOKS } from "./look.ts";
import type { RunMarks } from "./marks.ts";
import { fitName, fitPixels, textPixels, wrapPixels } from "./pixels.ts";
import { amount, counted, hitNote, placeName, recoveryNote } from "./words.ts";
import type { Place } from "./words.ts";

const TITLE = { size: 14, bold: true } as const;
const TYPE = { size: 11.5 } as const;
const LINE_PX = 17;

/** Texts of the page, from y = 8 down. */
export function chosenFacts(place: Place, baseline: CellRecord | undefined, run: RunMarks, services_left_out: number): PageText[] {
  const { cell } = place;
  const look = place.fault === undefined && place.state === "passed" ? BASELINE_LOOK : VERDICT_LOOKS[place.state];
  const verdict = `${look.glyph} ${place.state}${cell?.tolerated === true ? ", tolerated" : ""}${cell === undefined ? "" : ` · ${formatDuration(cell.duration_ms)}`}`;
  const title = fitTitle(place, PAGE.width - textPixels(verdict, TITLE) - 30);
  const texts: PageText[] = [
    { x: 0, y: 8, text: title, ink: INK.strong, ...TITLE },
    { x: PAGE.width, y: 8, text: verdict, ink: look.ink, ...TITLE, align: "right" },
  ];
  lines(place, baseline, run, services_left_out).forEach(({ text, ink }, index) =>
    texts.push({ x: 0, y: 30 + index * LINE_PX, text, ink, size: TYPE.size }),
  );
  return texts;
}

function lines(place: Place, baseline: CellRecord | undefined, run: RunMarks, services_left_out: number): { text: string; ink: string }[] {
  const { cell } = place;
  if (cell === undefined) return [{ text: WORDS[place.state] ?? "", ink: INK.quiet }];
  const facts = [
    /^\d/.test(cell.answer) ? `answer ${cell.answer}` : cell.answer,
    cell.fault === undefined || baseline === undefined
      ? ""
      : `without the fault ${baseline.answer === "" ? "" : `${baseline.answer} in `}${formatDuration(baseline.duration_ms)}`,
    hitNote(cell.hits),
    recoveryNote(cell),
  ].filter((text) => text !== "");
  const where = [...new Set(cell.hits.flatMap((hit) => hit.where))];
  const elsewhere = [...new Set(cell.hits.flatMap((hit) => hit.elsewhere))];
  const paragraphs = [
    { text: facts.join(" · "), ink: INK.normal, most: 2 },
    { text: cell.reason, ink: INK.strong, most: 2 },
    { text: where.length === 0 ? "" : `fired: ${where.join("; ")}`, ink: INK.quiet, most: 1 },
    { text: elsewhere.length === 0 ? "" : `off the scenario's path: ${elsewhere.join("; ")}`, ink: INK.quiet, most: 1 },
    { text: cell.notes.join("; "), ink: INK.quiet, most: 2 },
  ];
  const said = scope(run, services_left_out);
  const wrapped = paragraphs.flatMap(({ text, ink, most }) =>
    wrapPixels(text, PAGE.width, TYPE, most).map((line) => ({ text: line, ink })),
  );
  if (said === "") return wrapped.slice(0, GRID.facts);
  return [...wrapped.slice(0, GRID.facts - 1), { text: said, ink: INK.quiet }];
}

/** What the timeline leaves out or draws together; "" when it shows everything by itself. */
function scope(run: RunMarks, services_left_out: number): string {
  const lanes = services_left_out === 0 ? "" : `${amount(services_left_out, "service")} without a lane`;
  const part = run.shown < run.total ? `${counted(run.shown)} of ${amount(run.total, "event")}` : amount(run.total, "event");
  const marks = run.coarse || run.shown < run.total ? `showing ${part} as ${amount(run.marks.length, "mark")}` : "";
  return [marks, lanes].filter((text) => text !== "").join("; ");
}

/** Both names, each with half of the room when they are long. */
function fitTitle(place: Place, pixels: number): string {
  const whole = placeName(place);
  if (textPixels(whole, TITLE) <= pixels || place.fault === undefined) return fitPixels(whole, pixels, TITLE);
  const half = (pixels - textPixels(" × ", TITLE)) / 2;
  return `${fitName(place.scenario, half, TITLE)} × ${fitName(place.fault, half, TITLE)}`;
}

const WORDS: Readonly<Partial<Record<Place["state"], string>>> = {
  excluded: "Excluded by the matrix: never run.",
  running: "Running now.",
  "to come": "Still to come.",
  "not run": "Not run: the matrix was interrupted.",
};
