import assert from "node:assert/strict";
import { test } from "node:test";
import { decodersOf, factOf } from "../../kernel/sources/stdout.ts";
import type { Observation } from "../../model/declaration.ts";
import type { Fact } from "../../model/event.ts";

function fact(text: string, ...observe: readonly Observation[]): Fact {
  return factOf("api", { stream: "stdout", text, time_ms: 12.5 }, decodersOf(observe).get("stdout") ?? []);
}

const JSON_OUT: Observation = { stream: "stdout", decoder: { kind: "json" } };
const LOGFMT_OUT: Observation = { stream: "stdout", decoder: { kind: "logfmt" } };

test("a line that decodes has its fields beside the line, and data", () => {
  assert.deepEqual(fact('{"item":"widget","stock":3}', JSON_OUT), {
    time_ms: 12.5,
    service: "api",
    type: "stdout",
    fields: { line: '{"item":"widget","stock":3}', item: "widget", stock: "3" },
    data: { item: "widget", stock: 3 },
  });
});

test("a line that doesn't decode, or has no decoder, keeps the line alone", () => {
  for (const found of [fact("starting", JSON_OUT), fact("starting")]) {
    assert.deepEqual(found, { time_ms: 12.5, service: "api", type: "stdout", fields: { line: "starting" } });
  }
});

test("names that every event has are given to the log as log_…, and data keeps its own", () => {
  const found = fact('{"time":"t","type":"order","service":"x","seq":9,"line":"l"}', JSON_OUT);
  assert.deepEqual([found.type, found.service], ["stdout", "api"]);
  const { line, ...others } = found.fields;
  assert.match(line ?? "", /^\{"time"/);
  assert.deepEqual(others, { log_time: "t", log_type: "order", log_service: "x", log_seq: "9", log_line: "l" });
  assert.deepEqual(found.data, { time: "t", type: "order", service: "x", seq: 9, line: "l" });
});

test("of several decoders the first that understands a line decides", () => {
  assert.equal(fact("a=1", JSON_OUT, LOGFMT_OUT).fields["a"], "1");
  assert.equal(fact('{"a":2}', JSON_OUT, LOGFMT_OUT).fields["a"], "2");
});

test("only observed streams have decoders", () => {
  assert.deepEqual([...decodersOf([JSON_OUT]).keys()], ["stdout"]);
  assert.equal(decodersOf([]).size, 0);
});

test("a line and a field are cut at 4 KiB, between characters, with a mark", () => {
  const found = fact(JSON.stringify({ long: "é".repeat(4000) }), JSON_OUT);
  for (const text of [found.fields["line"] ?? "", found.fields["long"] ?? ""]) {
    assert.ok(Buffer.byteLength(text) <= 4096 && Buffer.byteLength(text) > 4090);
    assert.ok(text.endsWith("é…"));
  }
  const exact = "x".repeat(4096);
  assert.equal(fact(exact).fields["line"], exact);
});

test("a very long line has its fields, but no data", () => {
  const found = fact(JSON.stringify({ a: 1, long: "x".repeat(70_000) }), JSON_OUT);
  assert.equal(found.fields["a"], "1");
  assert.equal(found.data, undefined);
});
