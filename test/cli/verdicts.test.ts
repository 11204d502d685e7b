import assert from "node:assert/strict";
import { test } from "node:test";
import { differences, expectedVerdicts, matricesOf, summary, verdictsOf } from "../../cli/verdicts.ts";

test("verdicts are read from a reply's metadata, and what is none is left out", () => {
  const metadata = { faultbook: { verdicts: [{ name: "a", verdict: "passed" }, { name: "b", verdict: "splendid" }, 3] } };
  assert.deepEqual(verdictsOf(metadata), [{ name: "a", verdict: "passed" }]);
  assert.deepEqual(verdictsOf({}), []);
  assert.deepEqual(verdictsOf(null), []);
  assert.deepEqual(matricesOf({ faultbook: { matrices: [{}, { cells: [{ hits: [] }] }] } }), [{ cells: [{ hits: [] }] }]);
});

test("a difference is a verdict that changed, one that is missing, and one that nobody recorded", () => {
  const expected = expectedVerdicts({
    faultbook: { expected_verdicts: { "a × slow": "passed", "b × slow": "bypassed", "c × slwo": "failed" } },
  });
  const found = [
    { name: "a × slow", verdict: "passed" },
    { name: "b × slow", verdict: "passed" },
    { name: "c × slow", verdict: "failed" },
  ] as const;
  assert.deepEqual(differences(expected, found), [
    "b × slow: expected bypassed, found passed",
    'c × slwo: expected failed, found no such run (did you mean "c × slow"?)',
    "c × slow: failed, and the notebook records nothing",
  ]);
  assert.deepEqual(differences(new Map([["a × slow", "passed"]]), found.slice(0, 1)), []);
});

test("the summary counts what there is", () => {
  assert.equal(summary([]), "nothing was tested");
  const verdicts = (["bypassed", "passed", "passed"] as const).map((verdict, i) => ({ name: String(i), verdict }));
  assert.equal(summary(verdicts), "2 passed, 1 bypassed");
});
