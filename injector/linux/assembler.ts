/**
 * eBPF programs as text: an assembler for the syntax in which the kernel's verifier prints instructions, so that its log
 * reads like our source. It encodes and knows nothing of maps, programs or the kernel's answer; that is `bpf.ts`.
 *
 * One instruction a line; `;` begins a comment; `name:` is a label for `goto name`, `r1 = map name` the descriptor of a map.
 * Source: Documentation/bpf/standardization/instruction-set.rst, kernel/bpf/disasm.c. Encoded for little-endian machines,
 * as x86-64 and arm64 are.
 */

/** Numbers of helper functions (include/uapi/linux/bpf.h), those that our programs call. */
const HELPERS: Readonly<Record<string, number>> = {
  bpf_map_lookup_elem: 1,
  bpf_map_update_elem: 2,
  bpf_ktime_get_ns: 5,
  bpf_skb_load_bytes: 26,
  bpf_get_socket_cookie: 46,
  bpf_ringbuf_reserve: 131,
  bpf_ringbuf_submit: 132,
  bpf_ringbuf_discard: 133,
};

const SIZES: Readonly<Record<string, number>> = { u32: 0x00, u16: 0x08, u8: 0x10, u64: 0x18 };

const ARITHMETIC: Readonly<Record<string, number>> = {
  "+=": 0x00,
  "-=": 0x10,
  "*=": 0x20,
  "/=": 0x30,
  "|=": 0x40,
  "&=": 0x50,
  "<<=": 0x60,
  ">>=": 0x70,
  "%=": 0x90,
  "^=": 0xa0,
  "=": 0xb0,
  "s>>=": 0xc0,
};

const COMPARISONS: Readonly<Record<string, number>> = {
  "==": 0x10,
  ">": 0x20,
  ">=": 0x30,
  "&": 0x40,
  "!=": 0x50,
  "s>": 0x60,
  "s>=": 0x70,
  "<": 0xa0,
  "<=": 0xb0,
  "s<": 0xc0,
  "s<=": 0xd0,
};

/** One slot of eight bytes; a 64-bit immediate is two of them, of which the second has code 0. */
interface Slot {
  readonly line: number;
  readonly code: number;
  readonly destination?: number;
  readonly source?: number;
  /** Bytes from an address, or the label that a jump leads to. */
  readonly offset?: number | string;
  readonly immediate?: number;
}

/** A text that is no program of ours: an error of the programmer, never of a user. `line` counts from 1. */
export class AssemblyError extends Error {
  override readonly name = "AssemblyError";
  readonly line: number;

  constructor(line: number, text: string, reason: string) {
    super(`eBPF program, line ${line}, "${text}": ${reason}`);
    this.line = line;
  }
}

/** The parts of a line that matched; the pattern guarantees that those asked for are there. */
type Parts = (name: string) => string;
type Encoding = readonly [code: number, rest?: Omit<Slot, "line" | "code">, high?: number];

const ADDRESS = String.raw`\*\((?<size>u8|u16|u32|u64) \*\)\(r(?<base>\d+) (?<offset>[+-] ?\d+)\)`;
const NUMBER = String.raw`(?<number>-?(?:0x[0-9a-f]+|\d+))`;

/** Reasons that an instruction can't be encoded, thrown by the encoders below and given their line by `assemble`. */
class Reason extends Error {}

function pick(table: Readonly<Record<string, number>>, key: string, what: string): number {
  const found = Object.hasOwn(table, key) ? table[key] : undefined;
  if (found === undefined) throw new Reason(`unknown ${what} "${key}"`);
  return found;
}

function within(value: number, low: number, high: number, what: string): number {
  if (value < low || value > high) throw new Reason(`${what} ${value} is out of range`);
  return value;
}

const register = (text: string): number => within(Number(text), 0, 10, "register");
const offset = (text: string): number => within(Number(text.replace(" ", "")), -0x8000, 0x7fff, "offset");
const immediate = (text: string): number => within(integer(text), -0x80000000, 0xffffffff, "immediate");
const integer = (text: string): number => (text.startsWith("-") ? -Number(text.slice(1)) : Number(text));

/** The forms a line can have, the first that matches wins. */
function forms(maps: Readonly<Record<string, number>>): readonly (readonly [RegExp, (part: Parts) => Encoding])[] {
  const form = (pattern: string, encode: (part: Parts) => Encoding) => [new RegExp(`^${pattern}$`), encode] as const;
  return [
    form("exit", () => [0x95]),
    form(String.raw`call (?<helper>\w+)`, (part) => [0x85, { immediate: pick(HELPERS, part("helper"), "helper") }]),
    form(String.raw`goto (?<label>\w+)`, (part) => [0x05, { offset: part("label") }]),
    form(String.raw`r(?<to>\d+) = map (?<map>\w+)`, (part) => [
      0x18,
      { destination: register(part("to")), source: 1, immediate: pick(maps, part("map"), "map") },
      0,
    ]),
    form(String.raw`r(?<to>\d+) = ${NUMBER} ll`, (part) => {
      const value = BigInt.asUintN(64, part("number").startsWith("-") ? -BigInt(part("number").slice(1)) : BigInt(part("number")));
      return [0x18, { destination: register(part("to")), immediate: Number(value & 0xffffffffn) }, Number(value >> 32n)];
    }),
    form(String.raw`r(?<to>\d+) = ${ADDRESS}`, (part) => [
      0x61 | pick(SIZES, part("size"), "size"),
      { destination: register(part("to")), source: register(part("base")), offset: offset(part("offset")) },
    ]),
    form(String.raw`lock ${ADDRESS} \+= r(?<from>\d+)`, (part) => {
      const size = part("size");
      if (size !== "u32" && size !== "u64") throw new Reason(`an atomic addition has 32 or 64 bits`);
      return [
        0xc3 | pick(SIZES, size, "size"),
        { destination: register(part("base")), source: register(part("from")), offset: offset(part("offset")) },
      ];
    }),
    form(String.raw`${ADDRESS} = r(?<from>\d+)`, (part) => [
      0x63 | pick(SIZES, part("size"), "size"),
      { destination: register(part("base")), source: register(part("from")), offset: offset(part("offset")) },
    ]),
    form(String.raw`${ADDRESS} = ${NUMBER}`, (part) => [
      0x62 | pick(SIZES, part("size"), "size"),
      { destination: register(part("base")), offset: offset(part("offset")), immediate: immediate(part("number")) },
    ]),
    form(String.raw`if (?<width>[rw])(?<left>\d+) (?<comparison>\S+) \k<width>(?<right>\d+) goto (?<label>\w+)`, (part) => [
      (part("width") === "w" ? 0x0e : 0x0d) | pick(COMPARISONS, part("comparison"), "comparison"),
      { destination: register(part("left")), source: register(part("right")), offset: part("label") },
    ]),
    form(String.raw`if (?<width>[rw])(?<left>\d+) (?<comparison>\S+) ${NUMBER} goto (?<label>\w+)`, (part) => [
      (part("width") === "w" ? 0x06 : 0x05) | pick(COMPARISONS, part("comparison"), "comparison"),
      { destination: register(part("left")), offset: part("label"), immediate: immediate(part("number")) },
    ]),
    form(String.raw`(?<width>[rw])(?<to>\d+) (?<operator>\S*=) \k<width>(?<from>\d+)`, (part) => [
      (part("width") === "w" ? 0x0c : 0x0f) | pick(ARITHMETIC, part("operator"), "operator"),
      { destination: register(part("to")), source: register(part("from")) },
    ]),
    form(String.raw`(?<width>[rw])(?<to>\d+) (?<operator>\S*=) ${NUMBER}`, (part) => [
      (part("width") === "w" ? 0x04 : 0x07) | pick(ARITHMETIC, part("operator"), "operator"),
      { destination: register(part("to")), immediate: immediate(part("number")) },
    ]),
  ];
}

/** The instructions of a program, eight bytes each; `maps` are descriptors by name. Throws AssemblyError. */
export function assemble(text: string, maps: Readonly<Record<string, number>> = {}): Buffer {
  const table = forms(maps);
  const labels = new Map<string, number>();
  const slots: Slot[] = [];
  const lines = text.split("\n").map((line) => line.replace(/;.*/, "").trim());
  for (const [index, line] of lines.entries()) {
    const label = /^(\w+):$/.exec(line)?.[1];
    if (label !== undefined) {
      if (labels.has(label)) throw new AssemblyError(index + 1, line, "the label stands twice");
      labels.set(label, slots.length);
    } else if (line !== "") {
      const [code, rest, high] = encode(table, line, index + 1);
      slots.push({ line: index + 1, code, ...rest });
      if (high !== undefined) slots.push({ line: index + 1, code: 0, immediate: high });
    }
  }
  const bytes = Buffer.alloc(slots.length * 8);
  for (const [index, slot] of slots.entries()) {
    bytes[index * 8] = slot.code;
    bytes[index * 8 + 1] = (slot.destination ?? 0) | ((slot.source ?? 0) << 4);
    bytes.writeInt16LE(distance(slot, index, labels, lines[slot.line - 1] ?? ""), index * 8 + 2);
    bytes.writeUInt32LE((slot.immediate ?? 0) >>> 0, index * 8 + 4);
  }
  return bytes;
}

function encode(table: ReturnType<typeof forms>, line: string, number: number): Encoding {
  for (const [pattern, encoder] of table) {
    const match = pattern.exec(line);
    if (match === null) continue;
    try {
      return encoder((name) => match.groups?.[name] ?? "");
    } catch (error) {
      if (error instanceof Reason) throw new AssemblyError(number, line, error.message);
      throw error;
    }
  }
  throw new AssemblyError(number, line, "not an instruction that this assembler knows");
}

/** The offset field: bytes for a memory access, slots to jump over (counted from the next) for a label. */
function distance(slot: Slot, index: number, labels: ReadonlyMap<string, number>, line: string): number {
  if (typeof slot.offset !== "string") return slot.offset ?? 0;
  const target = labels.get(slot.offset);
  if (target === undefined) throw new AssemblyError(slot.line, line, `no label "${slot.offset}"`);
  const slots = target - index - 1;
  if (slots < -0x8000 || slots > 0x7fff) throw new AssemblyError(slot.line, line, `"${slot.offset}" is too far away`);
  return slots;
}
