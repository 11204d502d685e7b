import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FrameReader, type Message, timeOf } from "../../kernel/engines/frames.ts";
import { LineJoiner } from "../../kernel/engines/logs.ts";
import { Position } from "../../kernel/engines/position.ts";

const TIME = "2026-01-02T03:04:05.000000001Z";

function frame(stream: 1 | 2, text: string, time = TIME): Buffer {
  const payload = Buffer.from(`${time} ${text}`);
  const head = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0]);
  head.writeUInt32BE(payload.length, 4);
  return Buffer.concat([head, payload]);
}

function plain(message: Message): readonly unknown[] {
  return [message.stream, message.time, message.text.toString(), message.complete];
}

test("messages come out whole wherever the stream is cut", () => {
  const texts = fc.array(
    fc.record({ stream: fc.constantFrom(1 as const, 2 as const), text: fc.string({ unit: "binary" }), end: fc.boolean() }),
  );
  fc.assert(
    fc.property(texts, fc.array(fc.integer({ min: 1, max: 30 })), (messages, cuts) => {
      const bytes = Buffer.concat(messages.map(({ stream, text, end }) => frame(stream, text + (end ? "\n" : ""))));
      const reader = new FrameReader();
      const found: Message[] = [];
      let at = 0;
      for (const cut of [...cuts, bytes.length]) {
        found.push(...reader.push(bytes.subarray(at, at + cut)));
        at += cut;
      }
      const expected = messages.map(({ stream, text, end }) => {
        const complete = end || text.endsWith("\n");
        const kept = end ? text : complete ? text.slice(0, -1) : text;
        return [stream === 1 ? "stdout" : "stderr", TIME, Buffer.from(kept).toString(), complete];
      });
      assert.deepEqual(found.map(plain), expected);
    }),
  );
});

test("bytes of another format are refused instead of waited for", () => {
  assert.throws(() => new FrameReader().push(Buffer.from("plain text of a terminal\n")), /multiplexed/);
});

test("times keep the fraction of a millisecond", () => {
  assert.equal(timeOf("2026-01-02T03:04:05.123456789Z"), Date.UTC(2026, 0, 2, 3, 4, 5) + 123.456789);
  assert.equal(timeOf("2026-01-02T03:04:05Z"), Date.UTC(2026, 0, 2, 3, 4, 5));
});

test("a line in parts becomes one line, though the other stream writes in between", () => {
  const joiner = new LineJoiner();
  const lines = [frame(1, "on"), frame(2, "other\n"), frame(1, "e\r\n"), frame(1, "rest")]
    .flatMap((bytes) => new FrameReader().push(bytes))
    .map((message) => joiner.push(message)?.text);
  assert.deepEqual(lines, [undefined, "other", "one", undefined]);
  assert.deepEqual(
    joiner.flush(TIME).map((line) => line.text),
    ["rest"],
  );
  assert.deepEqual(joiner.flush(TIME), []);
});

test("a line that never ends is handed on before it fills the memory", () => {
  const joiner = new LineJoiner();
  const part: Message = { stream: "stdout", time: TIME, text: Buffer.alloc(16_384, "x"), complete: false };
  let longest = 0;
  for (let n = 0; n < 100; n++) longest = Math.max(longest, joiner.push(part)?.text.length ?? 0);
  assert.equal(longest, 256 * 1024);
});

test("a log that is opened again and again is read exactly once, whatever share a time and wherever it broke", () => {
  // Times are few, so that many messages share one, and never go back within a stream; between streams they may.
  const step = fc.record({ stream: fc.constantFrom("stdout" as const, "stderr" as const), later: fc.integer({ min: 0, max: 2 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.array(fc.nat(60)), (steps, breaks) => {
      const now = { stdout: 0, stderr: 0 };
      const log = steps.map(({ stream, later }, n): Message => {
        now[stream] += later;
        const time = `2026-01-02T03:04:05.${String(now[stream]).padStart(9, "0")}Z`;
        return { stream, time, text: Buffer.from(String(n)), complete: true };
      });
      const position = new Position();
      const read: string[] = [];
      for (const length of [...breaks, log.length]) {
        // What the engine would send: from `since` on, with what its margin lets through before.
        const isNew = position.beyond();
        for (const message of log.slice(0, length)) if (isNew(message)) read.push(message.text.toString());
      }
      assert.deepEqual(
        read.toSorted((a, b) => Number(a) - Number(b)),
        log.map((message) => message.text.toString()),
      );
    }),
  );
});

test("a position reads on from the stream that is further behind", () => {
  const position = new Position();
  assert.equal(position.since, undefined);
  const isNew = position.beyond();
  const at = (stream: Message["stream"], time: string): Message => ({ stream, time, text: Buffer.alloc(0), complete: true });
  isNew(at("stderr", "2026-01-02T03:04:05.000000002Z"));
  assert.equal(position.since, "2026-01-02T03:04:05.000000002Z");
  isNew(at("stdout", TIME));
  assert.equal(position.since, TIME);
});

test("a clock that is set back hides no message of a log that is being read", () => {
  const isNew = new Position().beyond();
  const at = (time: string): Message => ({ stream: "stdout", time, text: Buffer.alloc(0), complete: true });
  assert.ok(isNew(at("2026-01-02T03:04:06.000000000Z")));
  assert.ok(isNew(at("2026-01-02T03:04:05.000000000Z")));
});
