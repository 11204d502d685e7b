/** The time of the record: the wall clock, since engines stamp lines by it, with the fractions of the monotonic one. */

/** How far the wall clock may run from the monotonic one before it is followed: engines stamp lines by the wall clock. */
const DRIFT_MAX_MS = 2;
let origin_ms = performance.timeOrigin;

/** Epoch milliseconds with fractions. */
export function now_ms(): number {
  const monotonic_ms = performance.now();
  const wall_ms = Date.now();
  if (Math.abs(origin_ms + monotonic_ms - wall_ms) > DRIFT_MAX_MS) origin_ms = wall_ms - monotonic_ms;
  return origin_ms + monotonic_ms;
}
