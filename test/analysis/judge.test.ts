import assert from "node:assert/strict";
import test from "node:test";
import type { Json } from "../../model/json.ts";
import { alike, broken, describeAnswer } from "../../kernel/analysis/answer.ts";
import type { Answer } from "../../kernel/analysis/answer.ts";
import { judge } from "../../kernel/analysis/judge.ts";

const none = { violations: [], broken: [] };
const answer = (status: number, data = null): Answer => ({
  kind: "response",
  status,
  data,
  error: status === 0 ? "ECONNREFUSED: connection refused" : "",
  body: "",
});

test("a fault that never fired is never a pass, whatever was expected", () => {
  assert.equal(judge({ ...none, bypassed: "no connect" }).verdict, "bypassed");
  const also = judge({ ...none, bypassed: "no connect", expectation: "expected 503, got 200" });
  assert.equal(also.verdict, "bypassed");
  assert.match(also.reason, /expected 503, got 200/);
});

test("a broken invariant weighs more than a fault that did not fire", () => {
  assert.equal(judge({ ...none, violations: ["stock below zero"], bypassed: "no connect" }).verdict, "failed");
});

test("a monitor that raised is an error, not a pass", () => {
  assert.equal(judge({ violations: [], broken: ["monitor x raised"] }).verdict, "errored");
});

test("our own failure is an error whatever the system did", () => {
  assert.equal(judge({ violations: ["stock below zero"], broken: [], impaired: "the injector died" }).verdict, "errored");
});

test("an expectation that did not hold is told from a scenario that failed", () => {
  assert.equal(judge({ ...none, expectation: "expected 503" }).verdict, "expectation violated");
  assert.equal(judge({ ...none, asserted: "no id" }).verdict, "failed");
  assert.equal(judge({ ...none, raised: "division by zero" }).verdict, "errored");
  assert.equal(judge(none).verdict, "passed");
});

test("answers are alike by status and shape, not by ids", () => {
  const first: Answer = { kind: "response", status: 200, data: { id: 1, item: "a" }, error: "", body: "" };
  assert.ok(alike(first, { ...first, data: { item: "b", id: 7 } }));
  assert.ok(!alike(first, { ...first, data: { error: "x" } }));
  assert.ok(!alike(first, { ...first, status: 504 }));
  assert.ok(alike({ ...first, data: [] }, { ...first, data: [{ id: 1 }] }), "a list stays a list when it grows");
});

test("values that a scenario picked out are alike when they are the same, or of the same shape", () => {
  const value = (data: Json): Answer => ({ kind: "value", text: "", data });
  assert.ok(!alike(value(200), value(503)), "both are true, and not the same");
  assert.ok(alike(value({ id: 1 }), value({ id: 2 })));
  assert.ok(!alike(value({ id: 1 }), value({ error: "x" })));
});

test("a flow that answers 500 or not at all is broken before any fault", () => {
  assert.equal(broken(answer(500)), "answered 500");
  assert.equal(broken(answer(0)), "ECONNREFUSED: connection refused");
  assert.equal(broken(answer(404)), undefined);
});

test("an answer is told in a few words, the service's own error first", () => {
  assert.equal(
    describeAnswer({ kind: "response", status: 503, data: { error: "database: gone" }, error: "", body: "{}" }),
    "503 database: gone",
  );
  assert.equal(describeAnswer({ kind: "response", status: 200, data: {}, error: "", body: "{}" }), "200");
});
