/** Rules for files that a compiler or a linter doesn't know. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { projectFiles, ROOT } from "./files.ts";

const LINES_MAX = 500;
/** Longer ones, each with its reason. */
const MAY_BE_LONGER: ReadonlyMap<string, string> = new Map([
  ["kernel/language/parse.ts", "the grammar, one function a production"],
  ["kernel/language/resolve.ts", "one walk over the tree, one case a node"],
]);

const BINARY = /\.(png|ttf|woff2?)$/;
const GENERATED = /(^|\/)package-lock\.json$|\/snapshots\/|\/fixtures\//;

const files = projectFiles().filter((path) => !BINARY.test(path));
const text = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const isSource = (path: string): boolean => /\.(ts|py|js|c|sh)$/.test(path);

/** `path:line` of each line that fits. */
function linesWith(pattern: RegExp, paths: readonly string[]): readonly string[] {
  return paths.flatMap((path) => {
    const found = text(path)
      .split("\n")
      .flatMap((line, i) => (pattern.test(line) ? [`${path}:${i + 1}: ${line.trim()}`] : []));
    return found;
  });
}

test("no source file is so long that nobody reads it, unless it is listed with a reason", () => {
  const long = files
    .filter((path) => isSource(path) && !GENERATED.test(path) && !MAY_BE_LONGER.has(path))
    .map((path) => [path, text(path).split("\n").length - 1] as const)
    .filter(([, lines]) => lines > LINES_MAX);
  assert.deepEqual(long, []);
});

test("the list of longer files has no file that is gone or has become short", () => {
  const needless = [...MAY_BE_LONGER.keys()].filter((path) => !files.includes(path) || text(path).split("\n").length - 1 <= LINES_MAX);
  assert.deepEqual(needless, []);
});

test("every source file says what it is for before its first statement", () => {
  const without = files
    .filter((path) => path.endsWith(".ts") && !path.startsWith("test/") && !path.startsWith("notebooks/"))
    .filter((path) => !/^(#!.*\n)?(import\b[^;]*;\n|\n)*\/\*\*/.test(text(path)));
  assert.deepEqual(without, []);
});

test("nothing is put off in a comment", () => {
  // Written apart, so that this file is not among those found.
  const words = new RegExp(
    `\\b(${["TO", "FIX", "XX"].map((head) => `${head}${head === "TO" ? "DO" : head === "FIX" ? "ME" : "X"}`).join("|")})\\b`,
  );
  assert.deepEqual(
    linesWith(
      words,
      files.filter((path) => !GENERATED.test(path)),
    ),
    [],
  );
});

test("no path of one machine and no registry's host is written down", () => {
  const paths = /(?<![\w.])\/(work|root|home\/\w+|Users\/\w+)\/(\w|\.\w+\/)/;
  const hosts = /https?:\/\/(registry\.npmjs|pypi|files\.pythonhosted|repo\.maven|proxy\.golang)/;
  const checked = files.filter((path) => !GENERATED.test(path) && path !== "test/tidy/files.test.ts");
  assert.deepEqual(
    [...linesWith(paths, checked), ...linesWith(hosts, files)].filter((line) => !line.startsWith("test/tidy/")),
    [],
  );
});

test("text ends with a line end and has no blanks before one", () => {
  const checked = files.filter((path) => !GENERATED.test(path) && !path.endsWith(".ipynb") && !/^LICENSE/.test(path));
  assert.deepEqual(
    checked.filter((path) => text(path) !== "" && !text(path).endsWith("\n")),
    [],
  );
  assert.deepEqual(linesWith(/[ \t]+$/, checked), []);
});
