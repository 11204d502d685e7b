/** Imports point one way. What each room may use stands here as the design has it; everything else fails. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import ts from "typescript";
import { projectFiles, ROOT } from "./files.ts";

/**
 * A room is a directory or a file; the longest that fits a path counts. It may import itself, and these: a room with all
 * that is in it, or a single file.
 */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  model: [],
  protocols: ["model"],
  "kernel/messages.ts": ["model"],
  "kernel/language": [],
  "kernel/history": ["model"],
  "kernel/analysis": ["model", "kernel/history"],
  renderers: ["model", "kernel/history", "kernel/analysis", "kernel/messages.ts"],
  "kernel/spec": ["model", "protocols", "kernel/language", "kernel/history", "kernel/analysis"],
  "kernel/engines": ["model", "injector/messages.ts"],
  "kernel/probes": ["model", "protocols"],
  "kernel/sources": ["model", "protocols", "kernel/engines/engine.ts"],
  "kernel/session": [
    "model",
    "protocols",
    "renderers",
    "injector/messages.ts",
    "kernel/messages.ts",
    "kernel/language",
    "kernel/history",
    "kernel/analysis",
    "kernel/spec",
    "kernel/engines",
    "kernel/probes",
    "kernel/sources",
    "kernel/mocks",
    "kernel/assist",
    "kernel/typescript",
  ],
  // Of the other kernel process it knows the pipe alone; the shared words (a problem, a glob) it may use as everybody does.
  "kernel/jupyter": ["model", "kernel/messages.ts"],
  injector: ["model", "protocols"],
  cli: ["model", "protocols", "renderers", "injector/messages.ts", "kernel"],
};

function roomOf(path: string): string | undefined {
  return Object.keys(ROOMS)
    .filter((room) => path === room || path.startsWith(`${room}/`))
    .sort((a, b) => b.length - a.length)[0];
}

const within = (path: string, room: string): boolean => path === room || path.startsWith(`${room}/`);

/** Whether a file may import another of the project. */
function allowed(from: string, to: string): boolean {
  const room = roomOf(from);
  if (room === undefined) return false;
  return within(to, room) || (ROOMS[room] ?? []).some((other) => within(to, other));
}

function importsOf(path: string): readonly string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(ROOT, path), "utf8"), true, true);
  return importedFiles
    .map(({ fileName }) => fileName)
    .filter((name) => name.startsWith("."))
    .map((name) => relative(ROOT, join(ROOT, dirname(path), name)));
}

const sources = projectFiles().filter((path) => path.endsWith(".ts") && !path.startsWith("test/") && !path.startsWith("notebooks/"));

test("every source file lies in a room", () => {
  assert.deepEqual(
    sources.filter((path) => roomOf(path) === undefined),
    [],
  );
});

test("imports point one way", () => {
  const wrong = sources.flatMap((path) =>
    importsOf(path)
      .filter((to) => !allowed(path, to))
      .map((to) => `${path} imports ${to}`),
  );
  assert.deepEqual(wrong, []);
});

test("imports are seen, and a wrong one would be found", () => {
  assert.ok(importsOf("kernel/engines/context.ts").includes("model/problem.ts"));
  assert.equal(allowed("kernel/language/scan.ts", "model/problem.ts"), false);
  assert.equal(allowed("kernel/jupyter/kernel.ts", "kernel/session/session.ts"), false);
  assert.equal(allowed("injector/main.ts", "kernel/messages.ts"), false);
  assert.equal(allowed("kernel/session/world.ts", "injector/keeper.ts"), false);
  assert.equal(allowed("kernel/session/world.ts", "injector/messages.ts"), true);
});
