/** What events mean for a timeline. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { factsOf } from "../../renderers/facts.ts";
import type { Fact } from "../../renderers/facts.ts";
import { layOutLanes, placeFacts } from "../../renderers/lanes.ts";
import { LANES } from "../../renderers/limits.ts";
import { History } from "./support/history.ts";

const WINDOW = { began_ms: 1000, ended_ms: 1100 } as const;
const facts = (history: History): Fact[] => factsOf(history.events, WINDOW, []);
const brief = (all: readonly Fact[]): unknown[] =>
  all.map(({ lane, kind, from_ms, to_ms, label }) => [lane, kind, Math.round(from_ms), Math.round(to_ms), label]);

test("a probe lasts from its send to its answer, also when several are on their way", () => {
  const history = new History(1000).probe(0, 60, "GET /a", "200").probe(10, 40, "POST /b", "503");
  assert.deepEqual(brief(facts(history)), [
    ["test", "probe", 0, 60, "GET /a → 200"],
    ["test", "probe failed", 10, 40, "POST /b → 503"],
  ]);
  assert.deepEqual(
    placeFacts(facts(history)).map(({ row }) => row),
    ["probe 0", "probe 1"],
  );
});

test("a probe without an answer lasts to the end and says so; one whose outcome is unknown isn't well", () => {
  const history = new History(1000).add(20, "test", "step_send", { target: "api", method: "get", summary: "GET /" });
  assert.deepEqual(brief(facts(history)), [["test", "probe failed", 20, 100, "GET / → no answer yet"]]);
  const late = new History(1000).probe(0, 50, "GET /", "0", { outcome: "unknown", error: "timed out" });
  assert.deepEqual(brief(facts(late)), [["test", "probe failed", 0, 50, "GET / → timed out"]]);
});

test("an answer whose send lies before the window begins as long ago as it took", () => {
  const history = new History(1000).add(50, "test", "step_recv", {
    summary: "GET /",
    status: "200",
    outcome: "answered",
    duration_ms: "30",
    error: "",
  });
  assert.deepEqual(brief(facts(history)), [["test", "probe", 20, 50, "GET / → 200"]]);
});

test("a fault is a band from arming to lifting; its rules on one service share it; without arming it is the whole run", () => {
  const history = new History(1000)
    .armed(5, 80, "db", "disk_full", "write", "deny(no space left on device)")
    .armed(6, 81, "db", "disk_full", "fsync", "deny(no space left on device)");
  assert.deepEqual(brief(facts(history)), [
    ["db", "armed", 5, 81, "disk_full: write deny(no space left on device), fsync deny(no space left on device)"],
  ]);
  const before = factsOf([], WINDOW, [{ service: "api", fault: "db_down", keyword: "connect", action: "deny(connection refused)" }]);
  assert.deepEqual(brief(before), [["api", "armed", 0, 100, "db_down: connect deny(connection refused)"]]);
});

test("a delayed call is as long as its delay, but not longer than the run", () => {
  const history = new History(1000)
    .delayed(10, "api", "slow", "connect", "delay(40 ms)", { target: "db" })
    .delayed(60, "api", "slow", "connect", "delay(2 min)");
  assert.deepEqual(brief(facts(history)), [
    ["api", "delayed", 10, 50, "connect db, 40 ms"],
    ["api", "delayed", 60, 100, "connect, 2 min"],
  ]);
});

test("where the record knows how long a delay really was, it is drawn as long as that", () => {
  const history = new History(1000).delayed(10, "api", "slow", "connect", "delay(3 s)", { target: "db", passed_ms: "62" });
  assert.deepEqual(brief(facts(history)), [["api", "delayed", 10, 72, "connect db, 3 s"]]);
});

test("a call denied off the scenario's path doesn't look like one on it", () => {
  const history = new History(1000).denied(1, "db", "disk_full", "pwrite64", "ENOSPC", {
    path: "/var/lib/postgresql/data/pg_wal/000000010000000000000001",
    scenario_path: "checkpointer",
  });
  const [fact] = facts(history);
  assert.equal(fact?.kind, "off path");
  assert.equal(fact.label, "pwrite64 …/pg_wal/0000000…000001 → ENOSPC");
  assert.match(fact.detail, /off the path: checkpointer/);
});

test("a service that died is down until it is up again, or to the end", () => {
  const history = new History(1000).died(30, "db", "exited with 1").up(70, "db", "restarted").died(90, "api", "killed by SIGKILL");
  assert.deepEqual(
    brief(facts(history)),
    [
      ["db", "died", 30, 30, "died: exited with 1"],
      ["db", "down", 30, 70, ""],
      ["db", "up", 70, 70, "restarted"],
      ["api", "died", 90, 90, "died: killed by SIGKILL"],
      ["api", "down", 90, 100, ""],
    ].toSorted((one, other) => Number(one[2]) - Number(other[2])),
  );
});

test("lanes are the probes' and the services' in their order, whether or not anything happened there, the same for all runs", () => {
  const some = placeFacts(facts(new History(1000).line(1, "api", "hello").line(2, "stranger", "hello")));
  const { lanes, left_out } = layOutLanes(["db", "api"], [some, []]);
  assert.deepEqual(
    lanes.map(({ name }) => name),
    ["test", "db", "api", "stranger"],
  );
  assert.equal(left_out, 0);
  for (let n = 1; n < lanes.length; n++) assert((lanes[n]?.top ?? 0) >= (lanes[n - 1]?.bottom ?? 0));
  const many = layOutLanes(
    Array.from({ length: LANES.services + 5 }, (_, n) => `s${n}`),
    [],
  );
  assert.deepEqual([many.lanes.length, many.left_out], [1 + LANES.services, 5]);
});
