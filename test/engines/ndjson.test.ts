import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { progressLines } from "../../kernel/engines/ndjson.ts";

async function read(chunks: readonly Buffer[]): Promise<readonly unknown[]> {
  const stream = (async function* () {
    for (const chunk of chunks) yield await Promise.resolve(chunk);
  })();
  const lines: unknown[] = [];
  for await (const line of progressLines(stream)) lines.push(line);
  return lines;
}

test("objects come out whole wherever the stream is cut, also inside a character", async () => {
  const objects = fc.array(fc.record({ stream: fc.string({ unit: "grapheme" }) }, { noNullPrototype: true }));
  await fc.assert(
    fc.asyncProperty(objects, fc.integer({ min: 1, max: 7 }), fc.boolean(), async (all, size, ended) => {
      const bytes = Buffer.from(all.map((object) => JSON.stringify(object)).join("\r\n") + (ended ? "\r\n" : ""));
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) => bytes.subarray(n * size, (n + 1) * size));
      assert.deepEqual(await read(chunks), all);
    }),
  );
});

test("lines that are no objects are left out", async () => {
  assert.deepEqual(await read([Buffer.from('\n{"a":1}\n[1]\nnull\nbroken {\n{"b":2}')]), [{ a: 1 }, { b: 2 }]);
});
