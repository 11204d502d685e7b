/**
 * Slow connects as a slow network makes them: the SYNs of each new TCP connection from a cgroup to an endpoint are dropped
 * until its time is over. The kernel repeats them by itself, so no thread is held and a non-blocking caller gets EINPROGRESS
 * as in real life; when it does is set so that one comes as the time is over (`syn-repetition.ts`). It knows endpoints and times; rules
 * and their reports are in `mechanisms/packets.ts`.
 */
import { closeSync } from "node:fs";
import type { Program } from "./bpf.ts";
import { attachToCgroup, BpfMap, load } from "./bpf.ts";
import { monotonicToEpoch_ms } from "./clock.ts";
import { Ring } from "./ring.ts";
import { REPETITION, repetitionTicks } from "./syn-repetition.ts";

/**
 * An attempt is a socket (its cookie) and the initial sequence number of its SYN, which repetitions keep. So neither another
 * socket on the same source port nor the same socket's next connect(2) is taken for it, and nothing has to expire.
 *
 * | map | key | value |
 * |---|---|---|
 * | endpoints | u32 address, u16 port (as on the wire), u16 0 | u64 nanoseconds to drop for, u64 the edit's number, u64 first repetition after, in jiffies |
 * | attempts | u64 cookie, u32 sequence number, u32 0 | u64 first SYN at, u64 nanoseconds to drop for, u32 dropped, u32 let through |
 * | events | | u64 at, u64 cookie, u32 sequence number, u32 0, u64 endpoint's key, u64 edit, u32 dropped, u32 kind |
 *
 * Stack: attempt's value at -96, its key at -72, endpoint's key at -56, TCP header at -40, IP header at -24.
 */
const FILTER: Program = {
  type: "cgroup_skb",
  attach: "egress",
  name: "faultbook_syn",
  text: `
  r6 = r1
  r1 = *(u32 *)(r6 +16)                  ; protocol
  if r1 != 0x0008 goto pass              ; ETH_P_IP as on the wire; an IPv4-mapped socket sends such packets too
  r1 = r6
  r2 = 0
  r3 = r10
  r3 += -24
  r4 = 20
  call bpf_skb_load_bytes
  if r0 != 0 goto pass
  r1 = *(u8 *)(r10 -15)
  if r1 != 6 goto pass                   ; TCP
  r2 = *(u8 *)(r10 -24)
  r2 &= 15
  r2 <<= 2                               ; length of the IP header
  r1 = r6
  r3 = r10
  r3 += -40
  r4 = 16
  call bpf_skb_load_bytes
  if r0 != 0 goto pass
  r1 = *(u8 *)(r10 -27)
  r1 &= 0x12
  if r1 != 2 goto pass                   ; SYN without ACK

  r1 = *(u32 *)(r10 -8)                  ; destination
  *(u32 *)(r10 -56) = r1
  r1 = *(u16 *)(r10 -38)
  *(u32 *)(r10 -52) = r1
  r1 = map endpoints
  r2 = r10
  r2 += -56
  call bpf_map_lookup_elem
  if r0 == 0 goto pass
  r7 = r0

  r1 = r6
  call bpf_get_socket_cookie
  *(u64 *)(r10 -72) = r0
  r1 = *(u32 *)(r10 -36)                 ; sequence number
  *(u64 *)(r10 -64) = r1
  call bpf_ktime_get_ns
  r8 = r0
  r1 = map attempts
  r2 = r10
  r2 += -72
  call bpf_map_lookup_elem
  if r0 == 0 goto first
  r9 = r0
  r1 = *(u32 *)(r9 +20)
  if r1 != 0 goto pass                   ; let through before, and repeated since the network lost it
  r1 = r8
  r2 = *(u64 *)(r9 +0)
  r1 -= r2
  r2 = *(u64 *)(r9 +8)
  if r1 >= r2 goto over
  r1 = 1
  lock *(u32 *)(r9 +16) += r1
  r0 = 0                                 ; lost: TCP tells the caller nothing. (2 would be congestion of our own machine, with
  exit                                   ; repetitions every 0.5 s and ETIMEDOUT after 6 s)

over:
  *(u32 *)(r9 +20) = 1
  r1 = *(u32 *)(r9 +16)
  r6 = r1                                ; the packet isn't needed any more
  r1 = map events
  r2 = 48
  r3 = 0
  call bpf_ringbuf_reserve
  if r0 == 0 goto pass
  *(u32 *)(r0 +40) = r6
  *(u32 *)(r0 +44) = 2
  r9 = 0
  goto record

first:
  r1 = map events                        ; what can't be recorded isn't done
  r2 = 48
  r3 = 0
  call bpf_ringbuf_reserve
  if r0 == 0 goto pass
  *(u32 *)(r0 +40) = 1
  *(u32 *)(r0 +44) = 1
  r9 = 1

record:
  r6 = r0
  *(u64 *)(r6 +0) = r8
  r1 = *(u64 *)(r10 -72)
  *(u64 *)(r6 +8) = r1
  r1 = *(u64 *)(r10 -64)
  *(u64 *)(r6 +16) = r1
  r1 = *(u64 *)(r10 -56)
  *(u64 *)(r6 +24) = r1
  r1 = *(u64 *)(r7 +8)
  *(u64 *)(r6 +32) = r1
  if r9 == 0 goto submit

  *(u64 *)(r10 -96) = r8
  r1 = *(u64 *)(r7 +0)
  *(u64 *)(r10 -88) = r1
  *(u64 *)(r10 -80) = 1                  ; one dropped, not let through
  r1 = map attempts
  r2 = r10
  r2 += -72
  r3 = r10
  r3 += -96
  r4 = 0
  call bpf_map_update_elem
  if r0 != 0 goto forget
  r1 = r6
  r2 = 1                                 ; BPF_RB_NO_WAKEUP: nobody waits for it
  call bpf_ringbuf_submit
  r0 = 0
  exit

submit:
  r1 = r6
  r2 = 1
  call bpf_ringbuf_submit
  goto pass
forget:
  r1 = r6
  r2 = 1
  call bpf_ringbuf_discard
pass:
  r0 = 1
  exit`,
};

const ENDPOINTS = 1024;
/** Attempts that are remembered at once; the ones longest unseen are forgotten first, and would begin anew. */
export const ATTEMPTS = 16_384;
const RING_BYTES = 1 << 18;

/** An endpoint as the program knows it, made by `endpointKey`. */
export type EndpointKey = Buffer;

/** `address` is IPv4 in dotted form. */
export function endpointKey(address: string, port: number): EndpointKey {
  const key = Buffer.alloc(8);
  key.set(address.split(".").map(Number));
  key.writeUInt16BE(port, 4);
  return key;
}

export interface SynEvent {
  readonly kind: "first dropped" | "let through";
  readonly time_ms: number;
  /** Names the attempt; the two events of one attempt have the same. */
  readonly attempt: Buffer;
  readonly endpoint: EndpointKey;
  /** The number given to `set` of the entry that was in force. */
  readonly edit: number;
  readonly dropped: number;
}

/** The programs on one cgroup, with their maps. Constructing throws SystemError and leaves nothing behind. */
export class SynFilter {
  readonly #endpoints: BpfMap;
  readonly #attempts: BpfMap;
  readonly #ring: Ring;
  /** In the order of opening. */
  readonly #open: (() => void)[] = [];

  constructor(directory: string) {
    try {
      this.#endpoints = this.#map(new BpfMap("hash", 8, 24, ENDPOINTS));
      this.#attempts = this.#map(new BpfMap("lru_hash", 16, 24, ATTEMPTS));
      const events = this.#map(new BpfMap("ringbuf", 0, 0, RING_BYTES));
      this.#ring = new Ring(events, RING_BYTES);
      this.#open.push(() => this.#ring.close());
      for (const program of [REPETITION, FILTER]) {
        const loaded = load(program, { endpoints: this.#endpoints, attempts: this.#attempts, events });
        this.#open.push(() => closeSync(loaded));
        const link = attachToCgroup(loaded, directory, program.attach);
        this.#open.push(() => closeSync(link));
      }
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #map(map: BpfMap): BpfMap {
    this.#open.push(() => map.close());
    return map;
  }

  /** From now on, new attempts at this endpoint are slowed by this time; those that wait keep theirs. */
  set(endpoint: EndpointKey, wait_ms: number, edit: number): void {
    const value = Buffer.alloc(24);
    value.writeBigUInt64LE(nanoseconds(wait_ms), 0);
    value.writeBigUInt64LE(BigInt(edit), 8);
    value.writeBigUInt64LE(BigInt(repetitionTicks(wait_ms)), 16);
    this.#endpoints.set(endpoint, value);
  }

  /** The next SYN to this endpoint passes, of attempts that wait too. */
  lift(endpoint: EndpointKey): void {
    this.#endpoints.delete(endpoint);
  }

  /** Changes the time of an attempt that waits, counted from its first SYN. */
  retime(attempt: Buffer, wait_ms: number): void {
    const value = this.#attempts.lookup(attempt);
    if (value === undefined) return;
    value.writeBigUInt64LE(nanoseconds(wait_ms), 8);
    this.#attempts.set(attempt, value);
  }

  /** SYNs dropped so far of an attempt; at least the first, also when the kernel has forgotten the rest. */
  dropped(attempt: Buffer): number {
    return this.#attempts.lookup(attempt)?.readUInt32LE(16) ?? 1;
  }

  /** What happened since it was last asked, in order. */
  events(): SynEvent[] {
    const records = this.#ring.drain();
    if (records.length === 0) return [];
    const offset_ms = monotonicToEpoch_ms();
    return records.map((record) => ({
      kind: record.readUInt32LE(44) === 1 ? "first dropped" : "let through",
      time_ms: Number(record.readBigUInt64LE(0)) / 1e6 + offset_ms,
      attempt: record.subarray(8, 24),
      endpoint: record.subarray(24, 32),
      edit: Number(record.readBigUInt64LE(32)),
      dropped: record.readUInt32LE(40),
    }));
  }

  /** Detaches. Idempotent. */
  close(): void {
    for (let undo = this.#open.pop(); undo !== undefined; undo = this.#open.pop()) undo();
  }
}

function nanoseconds(ms: number): bigint {
  return BigInt(Math.round(ms * 1e6));
}
