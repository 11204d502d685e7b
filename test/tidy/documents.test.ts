/** Examples in documents and notebooks: a verb that isn't one, a block that doesn't parse or a link to nowhere would rot unseen. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { Notebook } from "../../cli/notebook.ts";
import { VERBS } from "../../cli/verbs.ts";
import { completeness } from "../../kernel/language/index.ts";
import { projectFiles, ROOT } from "./files.ts";

const text = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const documents = projectFiles().filter((path) => path.endsWith(".md"));
const notebooks = projectFiles().filter((path) => path.endsWith(".ipynb"));

/** Fenced blocks of these languages, each with the line that it begins on. */
function blocks(path: string, languages: readonly string[]): readonly { readonly at: string; readonly code: string }[] {
  return [...text(path).matchAll(/^```(\w+)\n([^]*?)^```$/gm)]
    .filter(([, language]) => languages.includes(language ?? ""))
    .map((match) => ({ at: `${path}:${text(path).slice(0, match.index).split("\n").length}`, code: match[2] ?? "" }));
}

test("examples of spec in documents parse", () => {
  const broken = documents
    .flatMap((path) => blocks(path, ["python", "starlark"]))
    .filter(({ code }) => completeness(code).status !== "complete");
  assert.deepEqual(broken, []);
});

test("cells of notebooks parse, and spec files do", () => {
  const cells = notebooks.flatMap((path) =>
    Notebook.parse(text(path), path).codeCells.map(({ id, source }) => ({ at: `${path} ${id}`, source })),
  );
  const specs = projectFiles()
    .filter((path) => path.endsWith(".star") && path.startsWith("notebooks/"))
    .map((path) => ({ at: path, source: text(path) }));
  const broken = [...cells, ...specs].filter(({ source }) => completeness(`${source}\n`).status !== "complete").map(({ at }) => at);
  assert.deepEqual(broken, []);
});

test("verbs that documents and messages name are verbs", () => {
  const names: readonly string[] = VERBS.map(({ name }) => name);
  const sources = projectFiles().filter((path) => /\.(md|ts)$/.test(path) && !path.startsWith("test/"));
  const unknown = sources.flatMap((path) =>
    [...text(path).matchAll(/\.\/faultbook ([a-z]+)\b/g)]
      .map(([, verb]) => verb ?? "")
      .filter((verb) => !names.includes(verb))
      .map((verb) => `${path}: ${verb}`),
  );
  assert.deepEqual(unknown, []);
});

test("relative links lead somewhere", () => {
  const texts = [
    ...documents.map((path) => [path, text(path)] as const),
    ...notebooks.map((path) => [path, JSON.stringify(JSON.parse(text(path)))] as const),
  ];
  const dead = texts.flatMap(([path, content]) =>
    [...content.matchAll(/\]\(([^)#\s:]+)(#[^)]*)?\)/g)]
      .map(([, to]) => to ?? "")
      .filter((to) => !existsSync(join(ROOT, dirname(path), to)))
      .map((to) => `${path}: ${to}`),
  );
  assert.deepEqual(dead, []);
});
