/** Sorting and extremes. Stable merge sort, which gives the driver its turn between runs; comparisons may fail. */
import { compare } from "./compare.ts";
import type { Thread } from "./thread.ts";
import type { Value } from "./value.ts";
import { itemAt } from "./value.ts";

/** Sorts places (0, 1, …) by the keys that stand there; equal keys keep their order, also when reversed. */
export function* sortedPlaces(thread: Thread, keys: readonly Value[], reverse: boolean): Generator<unknown, number[], unknown> {
  const before = comparison(keys, reverse);
  // Runs short enough to be sorted without pause, then merged.
  const run = 2048;
  const places = Array.from(keys, (_, place) => place);
  let runs: number[][] = [];
  for (let start = 0; start < places.length; start += run) {
    runs.push(places.slice(start, start + run).sort(before));
    thread.budget -= run;
    if (thread.budget < 0) yield* thread.tick();
  }
  while (runs.length > 1) {
    const merged: number[][] = [];
    for (let i = 0; i < runs.length; i += 2) {
      const [left, right] = [itemAt(runs, i), runs[i + 1]];
      merged.push(right === undefined ? left : yield* merge(thread, left, right, before));
    }
    runs = merged;
  }
  return runs[0] ?? [];
}

type Comparison = (one: number, other: number) => number;

/** Compares places by their keys; lists of only strings or only ints, the usual ones, without asking for types each time. */
function comparison(keys: readonly Value[], reverse: boolean): Comparison {
  const sign = reverse ? -1 : 1;
  if (keys.every((key) => typeof key === "number")) return (one, other) => sign * (itemAt(keys, one) - itemAt(keys, other));
  return (one, other) => {
    const [x, y] = [itemAt(keys, one), itemAt(keys, other)];
    return sign * (compare("<", x, y) ? -1 : compare("<", y, x) ? 1 : 0);
  };
}

function* merge(thread: Thread, left: number[], right: number[], before: Comparison): Generator<unknown, number[], unknown> {
  const merged: number[] = [];
  let i = 0;
  let j = 0;
  while (i < left.length && j < right.length) {
    if (--thread.budget < 0) yield* thread.tick();
    merged.push(before(itemAt(left, i), itemAt(right, j)) <= 0 ? itemAt(left, i++) : itemAt(right, j++));
  }
  while (i < left.length) merged.push(itemAt(left, i++));
  while (j < right.length) merged.push(itemAt(right, j++));
  return merged;
}

/** Whether so many values are sorted without pause. */
export function isShort(length: number): boolean {
  return length <= 2048;
}

/** As `sortedPlaces`, for short lists. */
export function sortedPlacesAtOnce(keys: readonly Value[], reverse: boolean): number[] {
  return Array.from(keys, (_, place) => place).sort(comparison(keys, reverse));
}
