import assert from "node:assert/strict";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { checksum, checksumOfDirectory, hasStamp, writeWhole } from "../../../cli/setup/stamp.ts";

test("a checksum tells parts apart", () => {
  assert.notEqual(checksum("ab", "c"), checksum("a", "bc"));
  assert.equal(checksum("ab", "c"), checksum("ab", "c"));
});

test("a directory's checksum changes with contents, names and the right to execute, and with nothing else", async (t) => {
  const directory = await mkdtemp(join(tmpdir(), "faultbook-stamp-"));
  t.after(() => rm(directory, { recursive: true }));
  const file = join(directory, "a");
  await writeFile(file, "x");
  const before = await checksumOfDirectory(directory);
  await writeFile(file, "x");
  await chmod(file, 0o600);
  assert.equal(await checksumOfDirectory(directory), before);
  await chmod(file, 0o755);
  assert.notEqual(await checksumOfDirectory(directory), before);
  await chmod(file, 0o644);
  await writeFile(file, "y");
  assert.notEqual(await checksumOfDirectory(directory), before);
  await writeFile(file, "x");
  await writeFile(join(directory, "b"), "");
  assert.notEqual(await checksumOfDirectory(directory), before);
});

test("a stamp is there when it was written with the same checksum", async (t) => {
  const directory = await mkdtemp(join(tmpdir(), "faultbook-stamp-"));
  t.after(() => rm(directory, { recursive: true }));
  const file = join(directory, "deep", "stamp");
  assert.equal(await hasStamp(file, "1"), false);
  await writeWhole(file, "1");
  assert.equal(await hasStamp(file, "1"), true);
  assert.equal(await hasStamp(file, "2"), false);
});
