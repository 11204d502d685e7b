/** The kernel's times in the record's: programs stamp with CLOCK_MONOTONIC, events carry milliseconds since the epoch. Source: clock_gettime(2). */
import { libc } from "./system-error.ts";

const clockGettime: (clock: number, time: BigInt64Array) => number = libc.func("int clock_gettime(int clock, void *time)");
const CLOCK_REALTIME = 0;
const CLOCK_MONOTONIC = 1;

function now_ms(clock: number): number {
  const time = new BigInt64Array(2);
  clockGettime(clock, time);
  return Number(time[0]) * 1e3 + Number(time[1]) / 1e6;
}

/** What to add to a monotonic time in milliseconds to get epoch milliseconds; asked anew each time, since the wall clock may be set. */
export function monotonicToEpoch_ms(): number {
  return now_ms(CLOCK_REALTIME) - now_ms(CLOCK_MONOTONIC);
}
