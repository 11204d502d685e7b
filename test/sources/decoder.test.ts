import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compileDecoder } from "../../kernel/sources/decoder.ts";
import { Problem } from "../../model/problem.ts";

const json = compileDecoder({ kind: "json" });
const logfmt = compileDecoder({ kind: "logfmt" });

test("json: numbers, flags and null become texts, nested values JSON text, and data keeps the types", () => {
  const line = '{"item":"widget","stock":-1,"big":1e21,"ok":true,"none":null,"tags":["a"],"by":{"id":7}}';
  assert.deepEqual(json(line)?.fields, {
    item: "widget",
    stock: "-1",
    big: "1e+21",
    ok: "true",
    none: "null",
    tags: '["a"]',
    by: '{"id":7}',
  });
  assert.deepEqual(json(line)?.data, JSON.parse(line));
});

test("json: what is no object doesn't decode", () => {
  for (const line of ["", "plain", "42", '"text"', "[1]", '{"a":', '{"a":1} trailing', "null"]) assert.equal(json(line), undefined, line);
});

test("logfmt: bare, quoted and empty values, and bare keys", () => {
  assert.deepEqual(logfmt('level=info msg="took \\"long\\"\\nand longer" empty= flag url=/a?b=c')?.fields, {
    level: "info",
    msg: 'took "long"\nand longer',
    empty: "",
    flag: "true",
    url: "/a?b=c",
  });
});

test("logfmt: a sentence, a broken quote and an empty line don't decode", () => {
  for (const line of ["server is listening", 'msg="no end', "", "   ", "=x"]) assert.equal(logfmt(line), undefined, line);
});

test("logfmt: whatever the line, it ends, and what was written is read", () => {
  const key = fc.stringMatching(/^[a-z_.]{1,8}$/);
  fc.assert(
    fc.property(fc.dictionary(key, fc.string(), { minKeys: 1, noNullPrototype: true }), (fields) => {
      const line = Object.entries(fields).map(([name, text]) => `${name}="${text.replace(/["\\]/g, "\\$&").replaceAll("\n", "\\n")}"`);
      assert.deepEqual(logfmt(line.join(" "))?.fields, fields);
    }),
  );
  fc.assert(fc.property(fc.string(), (line) => void logfmt(line)));
});

test("regex: named groups are fields, also as Python and Go write them; others are not", () => {
  const decode = compileDecoder({ kind: "regex", pattern: "(GET|POST) (?P<path>\\S+) (?<status>\\d+)(?: (?P<note>.*))?" });
  assert.deepEqual(decode("10:00 GET /orders 200"), {
    fields: { path: "/orders", status: "200" },
    data: { path: "/orders", status: "200" },
  });
  assert.equal(decode("something else"), undefined);
});

test("regex: a pattern that is none, or names nothing, is the spec's problem", () => {
  for (const pattern of ["(?P<a", "[", "(a)(b)", "(?<!x)y"]) {
    assert.throws(
      () => compileDecoder({ kind: "regex", pattern }),
      (error) => error instanceof Problem && error.code === "DECODER_PATTERN" && error.blame === "spec",
      pattern,
    );
  }
});
