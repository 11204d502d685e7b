/** Reported times go by the wall clock, also where that has run away from the clock an injector began with; needs root. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { InjectorProcess, rule, startPython } from "./harness.ts";

/** As after a sleep of the machine of one hour: the beginning of Node's own clock, and the time since, say an hour less than the wall. */
const SLEPT = 'Object.defineProperty(performance, "timeOrigin", { value: performance.timeOrigin - 3_600_000 })';
const PRELOAD = `data:text/javascript,${encodeURIComponent(SLEPT)}`;

test("calls are reported in wall time, also after the machine has slept", async (t) => {
  const injector = new InjectorProcess(["env", `NODE_OPTIONS=--import=${PRELOAD}`]);
  t.after(async () => {
    injector.close();
    injector.child.kill("SIGKILL");
    await injector.exited;
  });
  await injector.begin();
  const subject = await startPython(t, 'f = os.open("/tmp", os.O_RDONLY)');
  const broken = rule({ keyword: "fsync", action: { kind: "deny", errno: "EIO" } });
  const slow = rule({ keyword: "fsync", action: { kind: "delay", ms: 10 } });
  await injector.arm([broken, slow], subject.target);
  const from_ms = Date.now();
  assert.equal(await subject.ask("os.fsync(f)"), "EIO");
  const to_ms = Date.now();
  await injector.disarm(broken.id, slow.id);
  assert.equal(injector.calls.length, 2);
  for (const { time_ms, ended_ms } of injector.calls) {
    // A few milliseconds more: the kernel's clock is finer than Date.now().
    for (const each_ms of [time_ms, ended_ms ?? time_ms])
      assert.ok(each_ms > from_ms - 5 && each_ms < to_ms + 5, `${each_ms - from_ms} ms`);
  }
});
