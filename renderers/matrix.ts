/** The matrix view: one record as text, as Vega-Lite, and both (with a PNG where wanted) as one output of a cell. */
import type { Event } from "../model/event.ts";
import type { CellRecord, MatrixRecord } from "../model/verdict.ts";
import { bundleOf } from "./bundle.ts";
import type { Bundle } from "./bundle.ts";
import { matrixSpec } from "./matrix-spec.ts";
import { matrixText } from "./matrix-text.ts";

export { matrixSpec, matrixText };

/** `events` gives the events of a cell's run, in the order of the record. Ask for the picture with the last update only: it takes longest. */
export function matrixBundle(
  record: MatrixRecord,
  events: (cell: CellRecord) => readonly Event[],
  options: { readonly picture: boolean },
): Promise<Bundle> {
  return bundleOf(matrixSpec(record, events), matrixText(record), options);
}
