import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { pause, within } from "../../kernel/engines/limit.ts";
import { Problem } from "../../model/problem.ts";

/** Work that ends only when it is told to stop, and remembers that it was. */
function endless(told: { reason?: unknown }): (stop: AbortSignal) => Promise<never> {
  return (stop) =>
    new Promise((_, reject) => {
      stop.addEventListener("abort", () => {
        told.reason = stop.reason;
        reject(new Error("stopped"));
      });
    });
}

test("work that takes too long is stopped, and the problem says what was waited for", async () => {
  const told: { reason?: unknown } = {};
  await assert.rejects(within(30, undefined, "saying hello", endless(told)), (error) => {
    return error instanceof Problem && error.code === "DOCKER_TIMEOUT" && error.message.includes("while saying hello");
  });
  assert.ok(told.reason instanceof Problem);
});

test("the signal's own reason is thrown, not what the stopped work says, and no work begins after it", async () => {
  const reason = new Error("interrupted by the cell");
  const controller = new AbortController();
  const told: { reason?: unknown } = {};
  const waiting = within(20_000, controller.signal, "x", endless(told));
  controller.abort(reason);
  await assert.rejects(waiting, reason);
  assert.equal(told.reason, reason);
  let begun = false;
  const never = within(20_000, controller.signal, "x", () => Promise.resolve((begun = true)));
  await assert.rejects(never, reason);
  assert.equal(begun, false);
});

test("work that ends in time leaves nothing on a signal that lives on", async () => {
  const { signal } = new AbortController();
  assert.equal(await within(20_000, signal, "x", () => Promise.resolve(7)), 7);
  await assert.rejects(
    within(20_000, signal, "x", () => Promise.reject(new Error("its own"))),
    /its own/,
  );
  await pause(1, signal);
  assert.deepEqual(getEventListeners(signal, "abort"), []);
});
