/** From facts to marks: few enough, rounded, labels that keep out of each other's way. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { factsOf } from "../../renderers/facts.ts";
import { LABEL_TYPE } from "../../renderers/labels.ts";
import { layOutLanes, placeFacts } from "../../renderers/lanes.ts";
import type { PlacedFact } from "../../renderers/lanes.ts";
import { MARK_KINDS, MARK_LOOKS } from "../../renderers/look.ts";
import { drawRun, roundMoment, roundSpan } from "../../renderers/marks.ts";
import type { RunMarks } from "../../renderers/marks.ts";
import { textPixels } from "../../renderers/pixels.ts";
import { History } from "./support/history.ts";

const SCALE = { span_ms: 100, width: 600 } as const;

function draw(facts: readonly PlacedFact[], marks = 160): RunMarks {
  return drawRun(facts, layOutLanes(["api", "db"], [facts]), SCALE, { marks, labels: 48 });
}

const fact = fc
  .record({
    lane: fc.constantFrom("test", "api", "db"),
    kind: fc.constantFrom(...MARK_KINDS),
    from_ms: fc.double({ min: 0, max: 99, noNaN: true }),
    long_ms: fc.double({ min: 0, max: 60, noNaN: true }),
    label: fc.string({ maxLength: 40 }),
  })
  .map(({ lane, kind, from_ms, long_ms, label }) => {
    const isPoint = MARK_LOOKS[kind].shape !== undefined;
    const isProbe = kind === "probe" || kind === "probe failed";
    return {
      lane: isProbe ? "test" : lane === "test" ? "api" : lane,
      kind,
      from_ms,
      to_ms: isPoint ? from_ms : Math.min(99, from_ms + long_ms),
      label,
      detail: "",
      events: 1,
    };
  });
const run = fc.array(fact, { maxLength: 80 }).map((facts) => placeFacts(facts.toSorted((one, other) => one.from_ms - other.from_ms)));

test("labels never lie on each other, nor outside of the lanes", () => {
  fc.assert(
    fc.property(run, (facts) => {
      const boxes = draw(facts).labels.map(({ at, dx, y, text, align }) => {
        const x = (at / SCALE.span_ms) * SCALE.width + dx;
        const wide = textPixels(text, LABEL_TYPE);
        return { y, text, from: align === "left" ? x : x - wide, to: align === "left" ? x + wide : x };
      });
      for (const box of boxes) {
        assert(box.from >= -8 && box.to <= SCALE.width + 8, JSON.stringify(box));
        for (const other of boxes)
          assert(box === other || box.y !== other.y || box.to <= other.from || other.to <= box.from, JSON.stringify([box, other]));
      }
    }),
    { numRuns: 300, seed: 7 },
  );
});

test("no label covers a cross, a diamond or another point of its row", () => {
  fc.assert(
    fc.property(run, (facts) => {
      const { labels, marks } = draw(facts);
      for (const { at, dx, y, text, align } of labels) {
        const x = (at / SCALE.span_ms) * SCALE.width + dx;
        const wide = textPixels(text, LABEL_TYPE);
        const [from, to] = align === "left" ? [x, x + wide] : [x - wide, x];
        for (const mark of marks) {
          const middle = (mark.from / SCALE.span_ms) * SCALE.width;
          assert(
            mark.y !== y || MARK_LOOKS[mark.kind].shape === undefined || middle + 5 <= from + 1 || middle - 5 >= to - 1,
            `${text} covers ${mark.kind}`,
          );
        }
      }
    }),
    { numRuns: 300, seed: 8 },
  );
});

test("there are never more marks than asked for, and every fact is on one or counted as left out", () => {
  fc.assert(
    fc.property(run, fc.integer({ min: 0, max: 30 }), (facts, most) => {
      const { marks, shown, total } = draw(facts, most);
      assert(marks.length <= most);
      assert.equal(total, facts.length);
      assert.equal(
        shown,
        marks.reduce((sum, mark) => sum + mark.events, 0),
      );
      assert(draw(facts, 1000).shown === facts.length);
    }),
    { numRuns: 200, seed: 9 },
  );
});

test("lines and calls give way before a denied call does", () => {
  const history = new History(0).probe(0, 90, "GET /", "200");
  for (const at of [50, 55]) history.denied(at, "api", "db_down", "connect", "ECONNREFUSED", { target: "db" });
  for (let n = 0; n < 500; n++) history.line(n / 5.1, "api", `line ${n}`).call(n / 5.2, "db", "sendto", "cache");
  const { marks, coarse } = draw(placeFacts(factsOf(history.events, { began_ms: 0, ended_ms: 100 }, [])), 12);
  assert(coarse && marks.length <= 12);
  assert.deepEqual(
    marks.filter(({ kind }) => kind === "denied").map(({ from }) => from),
    [50, 55],
  );
});

test("what happens at nearly the same moment is one mark that says how often", () => {
  const history = new History(0);
  for (const at of [10, 10.1, 10.2]) history.denied(at, "api", "db_down", "connect", "ECONNREFUSED", { target: "db" });
  const { marks, labels } = draw(placeFacts(factsOf(history.events, { began_ms: 0, ended_ms: 100 }, [])));
  assert.deepEqual(
    marks.map(({ kind, events }) => [kind, events]),
    [["denied", 3]],
  );
  assert.deepEqual(
    labels.map(({ text }) => text),
    ["connect db → ECONNREFUSED ×3"],
  );
});

test("running again a little slower changes nothing that is drawn", () => {
  const one = (jitter: number): RunMarks => {
    const history = new History(0)
      .probe(1 + jitter, 90 + jitter, "GET /", "200")
      .denied(40 + jitter, "api", "db_down", "connect", "ECONNREFUSED");
    return draw(placeFacts(factsOf(history.events, { began_ms: 0, ended_ms: 95 + jitter }, [])));
  };
  assert.deepEqual(one(0.12), one(0));
  assert.equal(roundSpan(95), roundSpan(97.3));
});

test("the axis ends at a round number just above the last moment; moments are rounded to what can be seen", () => {
  assert.deepEqual([0, 4.1, 34, 41.3, 58.7, 99.5, 3052, 30_000].map(roundSpan), [0.12, 4.5, 35, 45, 60, 120, 3500, 35_000]);
  assert.deepEqual([roundMoment(17.3456, 45), roundMoment(1234.5, 3500), roundMoment(0.0123, 1)], [17.4, 1240, 0.01]);
});
