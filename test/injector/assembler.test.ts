import assert from "node:assert/strict";
import { test } from "node:test";
import { assemble, AssemblyError } from "../../injector/linux/assembler.ts";

/** One slot in the order of the instruction set's chapter "Instruction encoding": code, registers, offset, immediate. */
const slot = (code: number, registers: number, offset: number, immediate: number): string => {
  const bytes = Buffer.alloc(8);
  bytes[0] = code;
  bytes[1] = registers;
  bytes.writeInt16LE(offset, 2);
  bytes.writeUInt32LE(immediate >>> 0, 4);
  return bytes.toString("hex");
};

const KNOWN: readonly (readonly [text: string, ...slots: string[]])[] = [
  ["exit", "9500000000000000"],
  ["r0 = 2", "b700000002000000"],
  ["w0 = 2", "b400000002000000"],
  ["r6 = r1", "bf16000000000000"],
  ["r3 += -24", "07030000e8ffffff"],
  ["r8 -= r1", "1f18000000000000"],
  ["r2 &= 15", slot(0x57, 2, 0, 15)],
  ["r2 <<= 2", slot(0x67, 2, 0, 2)],
  ["r2 s>>= 3", slot(0xc7, 2, 0, 3)],
  ["r1 = *(u32 *)(r6 +16)", slot(0x61, 0x61, 16, 0)],
  ["r1 = *(u8 *)(r10 -15)", slot(0x71, 0xa1, -15, 0)],
  ["r1 = *(u16 *)(r10 - 38)", slot(0x69, 0xa1, -38, 0)],
  ["r1 = *(u64 *)(r0 +0)", slot(0x79, 0x01, 0, 0)],
  ["*(u64 *)(r10 -8) = r8", slot(0x7b, 0x8a, -8, 0)],
  ["*(u16 *)(r10 -2) = 7", slot(0x6a, 0x0a, -2, 7)],
  ["*(u32 *)(r9 +20) = -1", slot(0x62, 0x09, 20, -1)],
  ["lock *(u64 *)(r9 +8) += r1", slot(0xdb, 0x19, 8, 0)],
  ["lock *(u32 *)(r9 +16) += r1", slot(0xc3, 0x19, 16, 0)],
  ["r1 = map rules", slot(0x18, 0x11, 0, 9), slot(0, 0, 0, 0)],
  ["r3 = 0x1122334455667788 ll", slot(0x18, 0x03, 0, 0x55667788), slot(0, 0, 0, 0x11223344)],
  ["r3 = -2 ll", slot(0x18, 0x03, 0, 0xfffffffe), slot(0, 0, 0, 0xffffffff)],
  ["call bpf_map_lookup_elem", "8500000001000000"],
  ["call bpf_ringbuf_submit", slot(0x85, 0, 0, 132)],
];

for (const [text, ...slots] of KNOWN) {
  test(`"${text}" has the bytes of the instruction set`, () => {
    assert.equal(assemble(text, { rules: 9 }).toString("hex"), slots.join(""));
  });
}

test("a jump counts slots from the next one, over both halves of a 64-bit immediate, forwards and backwards", () => {
  const bytes = assemble(`
    back:
      if r1 != 0x12 goto out
      r2 = 1 ll                ; two slots
      if w1 s< w2 goto back
      goto out
    out:
      exit`);
  assert.deepEqual(bytes.toString("hex").match(/.{16}/g), [
    slot(0x55, 1, 4, 0x12),
    slot(0x18, 2, 0, 1),
    slot(0, 0, 0, 0),
    slot(0xce, 0x21, -4, 0),
    slot(0x05, 0, 0, 0),
    slot(0x95, 0, 0, 0),
  ]);
});

const WRONG: readonly (readonly [text: string, reason: RegExp])[] = [
  ["r1 = r2 + r3", /not an instruction/],
  ["r11 = 1", /register 11 is out of range/],
  ["call bpf_frobnicate", /unknown helper "bpf_frobnicate"/],
  ["call toString", /unknown helper "toString"/],
  ["r1 = map flows", /unknown map "flows"/],
  ["r1 ~= 4", /unknown operator "~="/],
  ["if r1 =! 4 goto out", /unknown comparison "=!"/],
  ["goto nowhere", /no label "nowhere"/],
  ["r1 = 0x100000000", /immediate 4294967296 is out of range/],
  ["r1 = *(u8 *)(r10 -40000)", /offset -40000 is out of range/],
  ["lock *(u8 *)(r9 +8) += r1", /32 or 64 bits/],
  ["out:", /stands twice/],
  ["r1 = w2", /not an instruction/],
];

for (const [text, reason] of WRONG) {
  test(`"${text}" is refused with its line and the reason`, () => {
    assert.throws(
      () => assemble(`\n; a program\n  r0 = 0\nout:\n  ${text}\n  exit`),
      (error) =>
        error instanceof AssemblyError && error.line === 5 && error.message.includes(`line 5, "${text}"`) && reason.test(error.message),
    );
  });
}
