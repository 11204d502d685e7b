/** The shop's matrix in the middle of its run: baselines and one fault are done, the next has begun. */
import { shop } from "./shop.ts";
import type { Example } from "./shop.ts";

export function running(): Example {
  const { record, events } = shop();
  return { record: { ...record, cells: record.cells.slice(0, 5), state: "running" }, events };
}
