import assert from "node:assert/strict";
import test from "node:test";
import { formatDuration, parseDuration } from "../../model/duration.ts";
import { errnoNumber, isErrnoName } from "../../model/errno.ts";
import { globMatches } from "../../model/glob.ts";
import { didYouMean } from "../../model/nearest.ts";
import { exitStatus } from "../../model/verdict.ts";

test("durations are a number and a unit, combined or alone, and nothing else", () => {
  assert.equal(parseDuration("1m30s"), 90_000);
  assert.equal(parseDuration("250us"), 0.25);
  for (const bad of ["", "3", "3 s", "s", "-1s", "1x"]) assert.equal(parseDuration(bad), undefined, bad);
});

test("durations are told with no more digits than mean something", () => {
  assert.deepEqual([0.44, 38.4, 999, 3071, 61_000, 300_000].map(formatDuration), ["0.4 ms", "38 ms", "999 ms", "3.07 s", "61 s", "5 min"]);
});

test("errno names are Linux's, in capitals, and nothing inherited passes for one", () => {
  assert.equal(errnoNumber("ENOSPC"), 28);
  assert.ok(!isErrnoName("enospc"));
  assert.ok(!isErrnoName("toString"));
});

test("a pattern without wildcards is compared whole, and dots are dots", () => {
  assert.ok(globMatches("deny*", "deny(connection refused)"));
  assert.ok(!globMatches("deny", "deny(connection refused)"));
  assert.ok(!globMatches("a.c*", "abc"));
});

test("a misspelt name finds the nearest, a strange one none", () => {
  assert.equal(didYouMean("ECONNREFUSD", ["ECONNRESET", "ECONNREFUSED"]), ' (did you mean "ECONNREFUSED"?)');
  assert.equal(didYouMean("banana", ["EIO", "EPERM"]), "");
});

test("a run exits with 2 for findings, 3 when it proves nothing, and findings win", () => {
  assert.equal(exitStatus(["passed", "excluded"]), 0);
  assert.equal(exitStatus(["passed", "bypassed"]), 3);
  assert.equal(exitStatus(["bypassed", "expectation violated"]), 2);
});
