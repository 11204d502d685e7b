import assert from "node:assert/strict";
import { test } from "node:test";
import { parseIgnore } from "../../kernel/engines/ignore.ts";

function excluded(patterns: string, paths: readonly string[]): readonly string[] {
  const ignore = parseIgnore(patterns);
  return paths.filter((path) => ignore.excludes(path));
}

test("a pattern names a path from the root, and everything below a directory", () => {
  const paths = ["node_modules", "node_modules/x/y.js", "src/node_modules", "node_modules2"];
  assert.deepEqual(excluded("node_modules", paths), ["node_modules", "node_modules/x/y.js"]);
  assert.deepEqual(excluded("/node_modules/", paths), ["node_modules", "node_modules/x/y.js"]);
});

test("a star stays within one part of a path, two stars do not", () => {
  const paths = ["a.log", "b/a.log", "b/c/a.log"];
  assert.deepEqual(excluded("*.log", paths), ["a.log"]);
  assert.deepEqual(excluded("*/*.log", paths), ["b/a.log"]);
  assert.deepEqual(excluded("**/*.log", paths), paths);
});

test("question marks, classes and escapes mean what Go's Match says", () => {
  assert.deepEqual(excluded("a?c", ["abc", "a/c", "abbc"]), ["abc"]);
  assert.deepEqual(excluded("[a-c]x", ["ax", "dx"]), ["ax"]);
  assert.deepEqual(excluded("[^a]x", ["ax", "dx"]), ["dx"]);
  assert.deepEqual(excluded("a\\*b", ["a*b", "aab"]), ["a*b"]);
  assert.deepEqual(excluded("a.b+c", ["a.b+c", "axbbc"]), ["a.b+c"]);
});

test("the last pattern that matches decides", () => {
  const paths = ["docs/a.md", "docs/b.md"];
  assert.deepEqual(excluded("docs\n!docs/b.md", paths), ["docs/a.md"]);
  assert.deepEqual(excluded("docs\n!docs/b.md\ndocs/*.md", paths), paths);
});

test("comments and empty lines say nothing", () => {
  assert.deepEqual(excluded("# a\n\n   \r\n!\n.", ["a", "# a", "b"]), []);
});

test("whole directories can be skipped only when nothing is taken back", () => {
  assert.equal(parseIgnore("a\nb").wholeDirectories, true);
  assert.equal(parseIgnore("a\n!a/b").wholeDirectories, false);
});
