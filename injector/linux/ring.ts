/**
 * Reads an eBPF ring buffer map in place, without a system call and without ever waiting: the kernel's producer position
 * and ours lie in shared memory. The data pages are mapped twice in a row, so that no record is split.
 * Source: Documentation/bpf/ringbuf.rst, kernel/bpf/ringbuf.c.
 */
import koffi from "koffi";
import type { BpfMap } from "./bpf.ts";
import { libc, systemError } from "./system-error.ts";

const mmap: (address: null, length: number, protection: number, flags: number, fd: number, offset: number) => unknown = libc.func(
  "void *mmap(void *address, size_t length, int protection, int flags, int fd, long offset)",
);
const munmap: (address: unknown, length: number) => number = libc.func("int munmap(void *address, size_t length)");
const sysconf: (name: number) => number | bigint = libc.func("long sysconf(int name)");
const SC_PAGESIZE = 30;
const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 1;
const MAP_FAILED = 0xffffffffffffffffn;

const HEADER_BYTES = 8;
const BUSY = 0x80000000;
const DISCARDED = 0x40000000;
const LENGTH = 0x3fffffff;

interface Mapping {
  readonly address: unknown;
  readonly length: number;
  readonly memory: ArrayBuffer;
}

function map(fd: number, length: number, protection: number, offset: number): Mapping {
  const address = mmap(null, length, protection, MAP_SHARED, fd, offset);
  if (koffi.address(address) === MAP_FAILED) throw systemError(koffi.errno(), "map an eBPF ring");
  return { address, length, memory: koffi.view(address, length) };
}

export class Ring {
  readonly #mask: number;
  readonly #mappings: readonly Mapping[];
  readonly #consumer: BigUint64Array<ArrayBuffer>;
  readonly #producer: BigUint64Array<ArrayBuffer>;
  readonly #headers: Uint32Array<ArrayBuffer>;
  readonly #data: Buffer;
  #closed = false;

  /** `size` is the number of bytes that the map was made with. */
  constructor(ring: BpfMap, size: number) {
    const page = Number(sysconf(SC_PAGESIZE));
    this.#mask = size - 1;
    const consumer = map(ring.fd, page, PROT_READ | PROT_WRITE, 0);
    const shared = map(ring.fd, page + 2 * size, PROT_READ, page);
    this.#mappings = [consumer, shared];
    this.#consumer = new BigUint64Array(consumer.memory, 0, 1);
    this.#producer = new BigUint64Array(shared.memory, 0, 1);
    this.#headers = new Uint32Array(shared.memory, page);
    this.#data = Buffer.from(shared.memory, page);
  }

  /** Every record that is finished, oldest first, as bytes of the caller's own. */
  drain(): Buffer[] {
    const records: Buffer[] = [];
    if (this.#closed) return records;
    let at = Number(this.#consumer[0]);
    const end = Number(Atomics.load(this.#producer, 0));
    while (at < end) {
      const start = at & this.#mask;
      const header = Atomics.load(this.#headers, start / 4);
      if ((header & BUSY) !== 0) break; // reserved and not yet submitted
      const length = header & LENGTH;
      const from = start + HEADER_BYTES;
      if ((header & DISCARDED) === 0) records.push(Buffer.from(this.#data.subarray(from, from + length)));
      at += (HEADER_BYTES + length + 7) & ~7;
    }
    Atomics.store(this.#consumer, 0, BigInt(at));
    return records;
  }

  /** The memory goes: nothing is read after it. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const { address, length } of this.#mappings) munmap(address, length);
  }
}
