/** The timeline of a single run, such as a scenario without a matrix: the lanes of its events, as Vega-Lite, PNG and text. */
import { formatDuration } from "../model/duration.ts";
import type { Event } from "../model/event.ts";
import { bundleOf } from "./bundle.ts";
import type { Bundle, VegaLiteSpec } from "./bundle.ts";
import { fitColumns } from "./columns.ts";
import { factsOf } from "./facts.ts";
import type { Fact, Window } from "./facts.ts";
import { layOutLanes, placeFacts } from "./lanes.ts";
import { pageTexts } from "./layers.ts";
import type { PageText } from "./layers.ts";
import { LANES, TEXT } from "./limits.ts";
import { CONFIG, INK, MARK_LOOKS, PAGE } from "./look.ts";
import { drawRun, roundSpan } from "./marks.ts";
import { fitPixels, textPixels } from "./pixels.ts";
import { laneNames, laneRows, lanesView, legendView, nameExtent, runRows } from "./timeline-view.ts";
import { amount } from "./words.ts";

/** `services` are the lanes, in order. `window` is the run's time; what lies after its end makes the axis longer. */
export function timelineBundle(
  title: string,
  events: readonly Event[],
  window: Window,
  services: readonly string[],
  options: { readonly picture: boolean },
): Promise<Bundle> {
  return bundleOf(timelineSpec(title, events, window, services), timelineText(title, events, window), options);
}

export function timelineSpec(title: string, events: readonly Event[], window: Window, services: readonly string[]): VegaLiteSpec {
  const facts = placeFacts(factsOf(events, window, []));
  const layout = layOutLanes(services, [facts]);
  const extent = nameExtent(
    layout.lanes.map(({ name }) => name),
    190,
  );
  const scale = { span_ms: roundSpan(lastMoment(facts, window)), width: extent.width };
  const run = drawRun(facts, layout, scale, LANES);
  const legend = legendView(new Set(run.marks.map(({ kind }) => kind)));
  const type = { size: 14, bold: true } as const;
  const shown = fitPixels(title, PAGE.width - 250, type);
  const texts: PageText[] = [
    { x: 0, y: 9, text: shown, ink: INK.strong, ...type },
    {
      x: textPixels(shown, type) + 14,
      y: 10,
      text: summary(window, events.length, run.coarse ? `drawn as ${amount(run.marks.length, "mark")}` : ""),
      ink: INK.quiet,
      size: 11.5,
    },
  ];
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v5.json",
    description: `Timeline of ${title}`,
    background: INK.paper,
    padding: PAGE.padding,
    spacing: 12,
    config: CONFIG,
    datasets: {
      texts: texts.map((text) => ({ ...text })),
      lanes: laneRows(layout),
      lane_names: laneNames(layout, extent.left),
      ...runRows(run, scale, {}),
      ...legend.rows,
    },
    vconcat: [
      { name: "title", width: PAGE.width, height: 18, layer: [pageTexts("texts")] },
      lanesView(layout, extent, scale.span_ms),
      legend.view,
    ],
  };
}

/** The run's facts, a line each; the first ones where there are too many. */
export function timelineText(title: string, events: readonly Event[], window: Window): string {
  const facts = factsOf(events, window, []);
  const most = TEXT.timeline_lines;
  const lines = facts.slice(0, most).map((fact) => `${formatDuration(fact.from_ms).padStart(8)}  ${fact.lane}  ${oneLine(wordsOf(fact))}`);
  const head = oneLine(
    `${title} · ${summary(window, events.length, facts.length > most ? `showing ${most} of ${amount(facts.length, "line")}` : "")}`,
  );
  return [head, ...lines].map((line) => fitColumns(line, TEXT.columns)).join("\n");
}

/** What a fact says by itself, and what it is where that is not plain from its words. */
function wordsOf(fact: Fact): string {
  const took = fact.to_ms > fact.from_ms ? ` (${formatDuration(fact.to_ms - fact.from_ms)})` : "";
  const isPlain = ["probe", "probe failed", "line", "died", "up"].includes(fact.kind);
  const said = fact.label === "" ? MARK_LOOKS[fact.kind].word : isPlain ? fact.label : `${MARK_LOOKS[fact.kind].word}: ${fact.label}`;
  return said + took;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

/** "41 ms, 100,000 events, drawn as 143 marks". */
function summary(window: Window, events: number, scope: string): string {
  return [formatDuration(window.ended_ms - window.began_ms), amount(events, "event"), scope].filter((text) => text !== "").join(", ");
}

function lastMoment(facts: readonly Fact[], window: Window): number {
  return facts.reduce((last, { to_ms }) => Math.max(last, to_ms), window.ended_ms - window.began_ms);
}
