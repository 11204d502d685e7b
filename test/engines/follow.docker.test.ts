import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import type { Line } from "../../kernel/engines/engine.ts";
import { pause } from "../../kernel/engines/limit.ts";
import { engineFor, nodeService, silent, soon } from "./world.ts";

/** Writes numbered lines to both streams as fast as it can until it has written `count`, then stays. */
function counter(count: number): string {
  return `const fs = require("fs"); const start = process.hrtime.bigint();
    for (let i = 0; i < ${count}; i++) fs.writeSync(i % 3 === 0 ? 2 : 1, start + " " + i + "\\n");
    fs.writeSync(1, start + " end\\n"); process.on("SIGTERM", () => process.exit()); setInterval(() => {}, 1000)`;
}

/** The numbers each life of the service wrote, in the order in which they were handed on, by stream. */
function byLife(lines: readonly Line[]): ReadonlyMap<string, readonly string[]> {
  const lives = new Map<string, string[]>();
  for (const line of lines) {
    const [life, what] = line.text.split(" ");
    const key = `${life ?? ""} ${line.stream}`;
    lives.set(key, [...(lives.get(key) ?? []), what ?? ""]);
  }
  return lives;
}

/** Resolves when a line says that its life has written everything; polls what the follower hands on, within a limit. */
async function untilEnds(lines: readonly Line[], ends: number): Promise<void> {
  const signal = soon();
  while (lines.filter((line) => line.text.endsWith(" end")).length < ends) {
    await pause(20, signal);
  }
}

test("following over restarts, by us and by others, loses no line and doubles none", async (t) => {
  const engine = await engineFor(t);
  const lines: Line[] = [];
  const count = 2000;
  const first = await engine.start(nodeService("f", counter(count)), silent, soon());
  const follower = await engine.follow("f", (line) => lines.push(line));
  await untilEnds(lines, 1);
  await engine.restart("f", soon());
  await untilEnds(lines, 2);
  execFileSync("docker", ["restart", "-t", "1", first.id]);
  await untilEnds(lines, 3);
  await follower.caughtUp(soon());

  const lives = byLife(lines);
  assert.equal(lives.size, 6, "three lives with two streams each");
  const errors = Array.from({ length: count }, (_, i) => String(i)).filter((i) => Number(i) % 3 === 0);
  const outputs = [...Array.from({ length: count }, (_, i) => String(i)).filter((i) => Number(i) % 3 !== 0), "end"];
  for (const [life, numbers] of lives) assert.deepEqual(numbers, life.endsWith("stderr") ? errors : outputs, life);
});

test("caughtUp waits for everything that was written before it was called", async (t) => {
  const engine = await engineFor(t);
  // Exits when it has written everything, so that the engine holds all of it before we ask.
  const program = 'for (let i = 0; i < 5000; i++) require("fs").writeSync(1, i + "\\n"); setTimeout(() => {}, 200)';
  const running = await engine.start(nodeService("w", program), silent, soon());
  execFileSync("docker", ["wait", running.id]);
  const lines: string[] = [];
  const follower = await engine.follow("w", (line) => lines.push(line.text));
  await follower.caughtUp(soon());
  assert.equal(lines.length, 5000);
  assert.equal(lines.at(-1), "4999");
});

test("a line of 100,000 characters comes as one, also over a restart", async (t) => {
  const engine = await engineFor(t);
  const program = 'console.log("a" + "x".repeat(100_000) + "z"); process.on("SIGTERM", () => process.exit()); setInterval(() => {}, 1000)';
  await engine.start(nodeService("long", program), silent, soon());
  const lines: Line[] = [];
  const follower = await engine.follow("long", (line) => lines.push(line));
  const seen = async (count: number): Promise<void> => {
    const signal = soon();
    while (lines.length < count) {
      await follower.caughtUp(signal);
      await pause(20, signal);
    }
  };
  await seen(1);
  await engine.restart("long", soon());
  await seen(2);
  assert.deepEqual(
    lines.map((line) => [line.text.length, line.text.at(0), line.text.at(-1)]),
    [
      [100_002, "a", "z"],
      [100_002, "a", "z"],
    ],
  );
});

test("a closed follower hands on nothing more, and a new container under the name is followed from its first line", async (t) => {
  const engine = await engineFor(t);
  const service = nodeService("n", 'console.log("first"); setInterval(() => {}, 1000)');
  await engine.start(service, silent, soon());
  const [kept, closed]: [string[], string[]] = [[], []];
  const follower = await engine.follow("n", (line) => kept.push(line.text));
  const other = await engine.follow("n", (line) => closed.push(line.text));
  const until = async (lines: readonly string[], count: number): Promise<void> => {
    const signal = soon();
    while (lines.length < count) await pause(20, signal);
  };
  await until(kept, 1);
  await until(closed, 1);
  other.close();
  await engine.start(service, silent, soon());
  await until(kept, 2);
  assert.deepEqual(kept, ["first", "first"]);
  assert.deepEqual(closed, ["first"]);
  await other.caughtUp(soon());
  follower.close();
});
