/**
 * bpf(2): maps, programs, and links of programs to a cgroup. Links only, and nothing is pinned: what this process forgets,
 * and everything when it dies, the kernel takes away. Programs are texts, see `assembler.ts`; rings are in `ring.ts`.
 * Source: bpf(2), include/uapi/linux/bpf.h (`union bpf_attr`).
 */
import { closeSync, openSync } from "node:fs";
import koffi from "koffi";
import { assemble } from "./assembler.ts";
import { libc, systemError } from "./system-error.ts";

const syscall: (number: number, command: number, attributes: Uint8Array, size: number) => number | bigint = libc.func(
  "long syscall(long number, long command, void *attributes, long size)",
);
const SYS_BPF = process.arch === "arm64" ? 280 : 321;

const COMMAND = { mapCreate: 0, mapLookup: 1, mapUpdate: 2, mapDelete: 3, programLoad: 5, linkCreate: 28 } as const;
const MAP_TYPE = { hash: 1, lru_hash: 9, ringbuf: 27 } as const;
const PROGRAM_TYPE = { cgroup_skb: 8, sock_ops: 13 } as const;
const ATTACH_TYPE = { egress: 1, sock_ops: 3 } as const;
const ATTRIBUTES_BYTES = 152;
const LOG_BYTES = 1 << 18;
const ENOENT = 2;

/** Kept referenced until the call is over, since only its address goes into the attributes. */
type Field = readonly [offset: number, value: number | Uint8Array];

/** One bpf(2) command: numbers are 32 bits wide, bytes are passed by address. The result, or minus the errno. */
function bpf(command: number, fields: readonly Field[]): number {
  const attributes = Buffer.alloc(ATTRIBUTES_BYTES);
  for (const [offset, value] of fields) {
    if (typeof value === "number") attributes.writeUInt32LE(value >>> 0, offset);
    else attributes.writeBigUInt64LE(koffi.address(value), offset);
  }
  const result = Number(syscall(SYS_BPF, command, attributes, attributes.length));
  return result < 0 ? -koffi.errno() : result;
}

function checked(result: number, what: string): number {
  if (result < 0) throw systemError(-result, what);
  return result;
}

/** Keys and values are bytes in the machine's order; their lengths are fixed when the map is made. */
export class BpfMap {
  readonly fd: number;
  readonly #keyBytes: number;
  readonly #valueBytes: number;

  /** A ring takes 0 for key and value, and its size in bytes, a power of two and of pages, for `entries`. */
  constructor(type: keyof typeof MAP_TYPE, keyBytes: number, valueBytes: number, entries: number) {
    this.#keyBytes = keyBytes;
    this.#valueBytes = valueBytes;
    const fields: Field[] = [
      [0, MAP_TYPE[type]],
      [4, keyBytes],
      [8, valueBytes],
      [12, entries],
    ];
    this.fd = checked(bpf(COMMAND.mapCreate, fields), `create an eBPF ${type} map`);
  }

  lookup(key: Uint8Array): Buffer | undefined {
    const value = Buffer.alloc(this.#valueBytes);
    const result = bpf(COMMAND.mapLookup, this.#fields(key, value));
    if (result === -ENOENT) return undefined;
    checked(result, "look up in an eBPF map");
    return value;
  }

  set(key: Uint8Array, value: Uint8Array): void {
    checked(bpf(COMMAND.mapUpdate, this.#fields(key, value)), "write to an eBPF map");
  }

  /** No error when there is none. */
  delete(key: Uint8Array): void {
    const result = bpf(COMMAND.mapDelete, this.#fields(key));
    if (result !== -ENOENT) checked(result, "delete from an eBPF map");
  }

  close(): void {
    closeSync(this.fd);
  }

  /** Checked here, since the kernel would read or write beyond a buffer that is too short. */
  #fields(key: Uint8Array, value?: Uint8Array): Field[] {
    if (key.length !== this.#keyBytes) throw new RangeError(`eBPF map: a key has ${this.#keyBytes} bytes, not ${key.length}`);
    const fields: Field[] = [
      [0, this.fd],
      [8, key],
    ];
    if (value === undefined) return fields;
    if (value.length !== this.#valueBytes) throw new RangeError(`eBPF map: a value has ${this.#valueBytes} bytes, not ${value.length}`);
    return [...fields, [16, value]];
  }
}

export interface Program {
  readonly type: keyof typeof PROGRAM_TYPE;
  readonly attach: keyof typeof ATTACH_TYPE;
  /** At most 15 characters, as listings of the kernel's programs show it. */
  readonly name: string;
  readonly text: string;
}

/** A loaded program's descriptor. A refusal is a SystemError whose message ends with the verifier's log. */
export function load(program: Program, maps: Readonly<Record<string, BpfMap>>): number {
  const code = assemble(program.text, Object.fromEntries(Object.entries(maps).map(([name, map]) => [name, map.fd])));
  const name = Buffer.alloc(16);
  name.write(program.name.slice(0, 15), "latin1");
  const fields: Field[] = [
    [0, PROGRAM_TYPE[program.type]],
    [4, code.length / 8],
    [8, code],
    // True of this project; it only bars helpers that the kernel keeps for GPL programs, none of which is called.
    [16, Buffer.from("Apache-2.0\0")],
    [68, ATTACH_TYPE[program.attach]],
    ...[0, 4, 8, 12].map((at): Field => [48 + at, name.readUInt32LE(at)]),
  ];
  const fd = bpf(COMMAND.programLoad, fields);
  if (fd >= 0) return fd;
  // The log costs the verifier time, so it is asked for by loading again once something is wrong.
  const log = Buffer.alloc(LOG_BYTES);
  const again = bpf(COMMAND.programLoad, [...fields, [24, 1], [28, log.length], [32, log]]);
  if (again >= 0) return again;
  throw systemError(-fd, `load the eBPF program ${program.name}`, log.toString("latin1", 0, log.indexOf(0)).trimEnd());
}

/** Attaches a program to a cgroup v2 directory, beside whatever is attached there; closing the descriptor detaches it. */
export function attachToCgroup(program: number, directory: string, attach: Program["attach"]): number {
  const cgroup = openSync(directory, "r");
  try {
    const fields: Field[] = [
      [0, program],
      [4, cgroup],
      [8, ATTACH_TYPE[attach]],
    ];
    return checked(bpf(COMMAND.linkCreate, fields), `attach an eBPF program to ${directory}`);
  } finally {
    closeSync(cgroup);
  }
}
