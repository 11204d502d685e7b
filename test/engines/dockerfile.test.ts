import assert from "node:assert/strict";
import { test } from "node:test";
import { baseImages } from "../../kernel/engines/dockerfile.ts";

test("base images are those of FROM, without stages and scratch", () => {
  const file = `FROM --platform=linux/amd64 node:24 AS Build
RUN echo FROM nothing
from scratch
FROM build
FROM debian:12 as last`;
  assert.deepEqual(baseImages(file), ["node:24", "debian:12"]);
});

test("build arguments take their defaults; a name that stays unknown is left out", () => {
  assert.deepEqual(baseImages('ARG V=15\nARG R="faultbook"\nFROM ${R}/postgres:$V\nFROM $OTHER\n'), ["faultbook/postgres:15"]);
});

test("a line that goes on counts as one", () => {
  assert.deepEqual(baseImages("FROM \\\n  debian:12 \\\n AS base\nFROM base"), ["debian:12"]);
});
