/** The kernel's times in the record's: programs stamp with CLOCK_MONOTONIC, events carry milliseconds since the epoch. Source: clock_gettime(2). */
import { libc } from "./system-error.ts";

const clockGettime: (clock: number, time: BigInt64Array) => number = libc.func("int clock_gettime(int clock, void *time)");
const clockGetres: (clock: number, time: BigInt64Array) => number = libc.func("int clock_getres(int clock, void *time)");
const CLOCK_REALTIME = 0;
const CLOCK_MONOTONIC = 1;
const CLOCK_MONOTONIC_COARSE = 6;

function read_ms(ask: typeof clockGettime, clock: number): number {
  const time = new BigInt64Array(2);
  ask(clock, time);
  return Number(time[0]) * 1e3 + Number(time[1]) / 1e6;
}

/** What to add to a monotonic time in milliseconds to get epoch milliseconds; asked anew each time, since the wall clock may be set. */
export function monotonicToEpoch_ms(): number {
  return read_ms(clockGettime, CLOCK_REALTIME) - read_ms(clockGettime, CLOCK_MONOTONIC);
}

/** Now, in epoch milliseconds with fractions: the wall clock, which the session's record and engines go by. */
export function epoch_ms(): number {
  return read_ms(clockGettime, CLOCK_REALTIME);
}

/** Length of a jiffy, in which the kernel's own timers count (CONFIG_HZ): 1, 4 or 10 ms. */
export function tick_ms(): number {
  return read_ms(clockGetres, CLOCK_MONOTONIC_COARSE);
}
