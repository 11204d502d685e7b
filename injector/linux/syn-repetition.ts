/**
 * When the kernel repeats a SYN that was lost: by itself only about every second at first, then ever less often, so that a
 * delay would last up to twice as long as asked for, or ten times. Here the first repetition is put where one of them comes
 * as the delay is over. It drops nothing itself. Source: tcp_retransmit_timer in net/ipv4/tcp_timer.c, ip-sysctl.rst.
 */
import { readFileSync } from "node:fs";
import type { Program } from "./bpf.ts";
import { tick_ms } from "./clock.ts";

/**
 * Answers the kernel's question after how many jiffies it shall repeat a SYN first (BPF_SOCK_OPS_TIMEOUT_INIT): what the map of
 * endpoints says, see `syn-filter.ts`, or -1 for as ever.
 */
export const REPETITION: Program = {
  type: "sock_ops",
  attach: "sock_ops",
  name: "faultbook_rto",
  text: `
  r6 = r1
  r7 = -1
  r1 = *(u32 *)(r6 +0)                   ; op
  if r1 != 1 goto answer
  r1 = *(u32 *)(r6 +24)                  ; remote address
  *(u32 *)(r10 -8) = r1
  r1 = *(u32 *)(r6 +64)                  ; remote port, in the upper half
  r1 >>= 16
  *(u32 *)(r10 -4) = r1
  r1 = map endpoints
  r2 = r10
  r2 += -8
  call bpf_map_lookup_elem
  if r0 == 0 goto answer
  r7 = *(u64 *)(r0 +16)
answer:
  *(u32 *)(r6 +4) = r7                   ; reply
  r0 = 1
  exit`,
};

const USUAL_MS = 1000;
/** tcp_syn_retries, without the linear ones. */
const DOUBLINGS = 6;

/**
 * After how long a SYN must be repeated first so that a repetition comes when `wait_ms` are over. The kernel waits as long
 * again for each of the first `linear` repetitions and one more, and then doubles each time. At least the usual second where
 * it can be, so that a caller's kernel gives up no sooner than ever; a server that doesn't answer at all under a shorter delay
 * is given up after 131 times that delay.
 */
export function repetition_ms(wait_ms: number, linear: number): number {
  if (wait_ms <= USUAL_MS) return wait_ms;
  let interval = 1;
  for (let at = 1, count = 1; count <= linear + DOUBLINGS; count++) {
    if (count > linear) interval *= 2;
    const next = at + interval;
    if (next * USUAL_MS > wait_ms) return wait_ms / at;
    at = next;
  }
  return USUAL_MS; // it gives up before
}

/** net.ipv4.tcp_syn_linear_timeouts; before Linux 6.5 there are none. */
function linearTimeouts(): number {
  try {
    return Number(readFileSync("/proc/sys/net/ipv4/tcp_syn_linear_timeouts", "utf8"));
  } catch {
    return 0;
  }
}

/** After how many jiffies a SYN must be repeated first, so that a repetition comes as `wait_ms` are over. */
export function repetitionTicks(wait_ms: number): number {
  // One more, since the jiffy in which the first SYN leaves has begun already.
  return Math.ceil(repetition_ms(wait_ms, linearTimeouts()) / tick_ms()) + 1;
}
