/** A matrix with nothing in it, and one whose first run has not ended yet. */
import type { MatrixRecord } from "../../../model/verdict.ts";
import type { Example } from "./shop.ts";

const NOTHING: MatrixRecord = { name: "nothing", scenarios: [], faults: [], excluded: [], cells: [], services: [], state: "complete" };

export function empty(): Example {
  return { record: NOTHING, events: () => [] };
}

export function begun(): Example {
  const record: MatrixRecord = {
    ...NOTHING,
    name: "begun",
    scenarios: ["create_order"],
    faults: ["db_down"],
    services: ["db"],
    state: "running",
  };
  return { record, events: () => [] };
}
