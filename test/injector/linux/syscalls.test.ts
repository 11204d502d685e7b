import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { ARCHITECTURES, isSyscallName, namesByNumber } from "../../../injector/linux/syscalls.ts";
import { callsOf, KEYWORDS } from "../../../model/families.ts";

/** Numbers as the kernel's headers for user space have them; empty where they aren't installed. */
function header(path: string): Map<string, number> {
  const numbers = new Map<string, number>();
  if (!existsSync(path)) return numbers;
  for (const [, name, number] of readFileSync(path, "utf8").matchAll(/^#define __NR(?:3264)?_(\w+)\s+(\d+)$/gm)) {
    if (name !== undefined) numbers.set(name, Number(number));
  }
  return numbers;
}

test("every call of every keyword has a number on both architectures", () => {
  for (const name of KEYWORDS.flatMap(callsOf)) assert(isSyscallName(name), name);
});

test("numbers of x86-64 are those of the kernel's header", (t) => {
  const numbers = header("/usr/include/x86_64-linux-gnu/asm/unistd_64.h");
  if (numbers.size === 0) t.skip("no kernel headers here");
  else for (const [name, number] of Object.entries(ARCHITECTURES.x64.numbers)) assert.equal(number, numbers.get(name), name);
});

test("numbers of arm64 are those of the kernel's generic header", (t) => {
  const numbers = header("/usr/include/asm-generic/unistd.h");
  if (numbers.size === 0) t.skip("no kernel headers here");
  else for (const [name, number] of Object.entries(ARCHITECTURES.arm64.numbers)) assert.equal(number, numbers.get(name), name);
});

test("a number names one call", () => {
  for (const architecture of Object.values(ARCHITECTURES)) {
    const names = namesByNumber(architecture);
    for (const [name, number] of Object.entries(architecture.numbers)) assert.equal(names.get(number), name);
  }
});
