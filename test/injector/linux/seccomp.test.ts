import assert from "node:assert/strict";
import { test } from "node:test";
import { filterAt, notifyFilter } from "../../../injector/linux/seccomp.ts";
import { ARCHITECTURES } from "../../../injector/linux/syscalls.ts";

const ALLOW = 0x7fff0000;
const NOTIFY = 0x7fc00000;

/** Runs a filter as the kernel does, as far as this one goes: loads, equality jumps, returns. */
function verdict(program: Buffer, architecture: number, number: number): number {
  let accumulator = 0;
  for (let at = 0; at < program.length; at += 8) {
    const k = program.readUInt32LE(at + 4);
    switch (program.readUInt16LE(at)) {
      case 0x20:
        accumulator = k === 0 ? number : k === 4 ? architecture : NaN;
        break;
      case 0x15:
        at += 8 * program.readUInt8(at + (accumulator === k ? 2 : 3));
        break;
      case 0x06:
        return k;
      default:
        throw new Error(`code ${program.readUInt16LE(at)}`);
    }
  }
  throw new Error("the program runs off its end");
}

for (const architecture of Object.values(ARCHITECTURES)) {
  test(`on ${architecture.name}, exactly the given calls wait, and only those of that architecture`, () => {
    const waiting = [1, 18, 20, 42, 307];
    const program = notifyFilter(waiting, architecture);
    for (let number = 0; number < 500; number++) {
      assert.equal(verdict(program, architecture.audit, number), waiting.includes(number) ? NOTIFY : ALLOW, String(number));
      assert.equal(verdict(program, 0x40000003, number), ALLOW, `32-bit ${number}`);
    }
    assert.equal(verdict(program, architecture.audit, 0x40000001), ALLOW, "x32");
  });
}

test("the header tells how many instructions there are, and where", () => {
  const bytes = filterAt(0x7f0000001000n, notifyFilter([1, 2, 3], ARCHITECTURES.x64));
  assert.equal(bytes.readUInt16LE(0), 8);
  assert.equal(bytes.readBigUInt64LE(8), 0x7f0000001010n);
  assert.equal(bytes.length, 16 + 8 * 8);
});
