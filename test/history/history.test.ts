import assert from "node:assert/strict";
import test from "node:test";
import { History } from "../../kernel/history/history.ts";
import { matches } from "../../kernel/history/query.ts";
import type { Event } from "../../model/event.ts";

const call = (fields: Record<string, string>): Event => ({ seq: 1, time_ms: 0, service: "api", type: "syscall", fields });

test("the record gives back every fact as it was told, in order and with its position", () => {
  const history = new History();
  for (let i = 1; i <= 3000; i++) {
    history.record({
      time_ms: i / 3,
      service: `s${i % 7}`,
      type: "stdout",
      fields: { line: `line ${i}`, odd: String(i % 2) },
      data: { i },
    });
  }
  assert.equal(history.length, 3000);
  assert.deepEqual(history.at(2047), {
    seq: 2047,
    time_ms: 2047 / 3,
    service: "s3",
    type: "stdout",
    fields: { line: "line 2047", odd: "1" },
    data: { i: 2047 },
  });
  assert.deepEqual(
    history.events({ from: 2999, to: 9999 }).map((event) => event.fields["line"]),
    ["line 2999", "line 3000"],
  );
  assert.deepEqual([...history.fieldNames()], ["line", "odd"]);
});

test("what happened before a window and came late is not in it", () => {
  const history = new History();
  for (const time_ms of [10, 30, 20]) history.record({ time_ms, service: "api", type: "stdout", fields: {} });
  assert.deepEqual(
    history.events({ from: 2, to: 3, since_ms: 25 }).map((event) => event.time_ms),
    [30],
  );
});

test("an event without fields doesn't take its neighbour's", () => {
  const history = new History();
  history.record({ time_ms: 1, service: "a", type: "x", fields: {} });
  history.record({ time_ms: 2, service: "b", type: "y", fields: { k: "v" } });
  history.record({ time_ms: 3, service: "c", type: "z", fields: {} });
  assert.deepEqual(
    [1, 2, 3].map((seq) => history.at(seq).fields),
    [{}, { k: "v" }, {}],
  );
});

test("a filter on a service finds decisions on calls to it as well as its own", () => {
  const denied = call({ target: "db", decision: "deny(connection refused)" });
  assert.ok(matches(denied, new Map([["service", "db"]])));
  assert.ok(
    matches(
      denied,
      new Map([
        ["service", "api"],
        ["decision", "deny*"],
      ]),
    ),
  );
  assert.ok(!matches(denied, new Map([["service", "cache"]])));
  assert.ok(!matches({ ...denied, type: "step_send" }, new Map([["service", "db"]])), "a step to db is not a decision at db");
});

test("type filters like any field, and a field that the event lacks doesn't match", () => {
  const denied = call({ decision: "deny(connection refused)" });
  assert.ok(matches(denied, new Map([["type", "sys*"]])));
  assert.ok(!matches(denied, new Map([["type", "stdout"]])));
  assert.ok(!matches(denied, new Map([["path", "*"]])));
});
