/** How kernel and session begin and end: shutdown, restart, crashes, kills, a dead parent. Nothing may stay behind. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { KernelUnderTest, printed } from "./support/client.ts";
import { alive, eventually } from "./support/waiting.ts";

const pidOf = (line: string): number => Number(line.split(" ")[1]);

test("kernel_info does not wait for the session, nor is it hurt by one that can't start", async () => {
  await using kernel = await KernelUnderTest.start({ env: { STANDIN_READY: "never" } });
  const client = await kernel.connect();
  assert.equal((await client.request("shell", "kernel_info_request")).reply.content["status"], "ok");
  for (let n = 0; n < 2; n += 1) {
    const { reply } = await client.execute("print a");
    assert.equal(reply.content["ename"], "SessionDied");
    assert.match(String(reply.content["evalue"]), /could not start \(exit code 7\)/);
    assert.match(String(reply.content["traceback"]), /told not to start/);
  }
});

for (const restart of [false, true]) {
  test(`shutdown with restart ${restart} is answered, echoed, and leaves the session its clean-up`, async () => {
    await using kernel = await KernelUnderTest.start({ env: { STANDIN_CLEAN_MS: "1500" } });
    const client = await kernel.connect();
    await client.execute("print ready");
    const session = pidOf(await kernel.logged("start"));
    const running = client.startExecute("print on\nsleep 60000");
    await client.publishedFor(running, (one) => one.type === "stream");
    const { reply, published } = await client.request("control", "shutdown_request", { restart });
    assert.deepEqual(reply.content, { status: "ok", restart });
    assert.ok(published.some((one) => one.type === "shutdown_reply" && one.content["restart"] === restart));
    await kernel.exit();
    assert.equal(kernel.process.exitCode, 0);
    assert.ok(!kernel.log().includes("clean"), "the kernel did not wait for the clean-up");
    await kernel.logged("clean");
    await eventually("the session's end", () => !alive(session) || undefined);
    assert.equal(kernel.log().filter((line) => line.startsWith("start")).length, 1, "no new session was started");
  });
}

for (const signal of ["SIGTERM", "SIGHUP", "SIGKILL"] as const) {
  test(`${signal} to the kernel's process group ends kernel and session, but not the session's clean-up`, async () => {
    await using kernel = await KernelUnderTest.start({ env: { STANDIN_CLEAN_MS: "200" } });
    const client = await kernel.connect();
    await client.execute("print ready");
    const session = pidOf(await kernel.logged("start"));
    kernel.signal(signal);
    await kernel.exit();
    await kernel.logged("clean");
    await eventually("the session's end", () => !alive(session) || undefined);
  });
}

test("a session that dies under a cell ends it with what was lost; the kernel lives on with a new one", async () => {
  await using kernel = await KernelUnderTest.start();
  const client = await kernel.connect();
  const cases = [
    { code: "print before\ndie 3", how: /exit code 3/, kill: false },
    { code: "print before\nsleep 60000", how: /signal SIGKILL/, kill: true },
  ];
  for (const [n, { code, how, kill }] of cases.entries()) {
    const first = pidOf(await kernel.logged("start", n + 1));
    const running = client.startExecute(code);
    const waiting = client.startExecute("print never");
    if (kill) {
      await client.publishedFor(running, (one) => one.type === "stream");
      process.kill(first, "SIGKILL");
    }
    const { reply, published } = await client.finished(running);
    assert.equal(printed(published), "before\n");
    const error = published.find((one) => one.type === "error");
    assert.ok(error);
    assert.equal(error.content["ename"], "SessionDied");
    assert.match(String(error.content["evalue"]), how);
    assert.match(String(error.content["evalue"]), /[Nn]ames and services of that session are gone; a new session was started/);
    assert.equal(reply.content["ename"], "SessionDied");
    if (!kill) assert.match(String(reply.content["traceback"]), /dying as told/);
    assert.equal((await client.finished(waiting)).reply.content["status"], "aborted");
    const second = pidOf(await kernel.logged("start", n + 2));
    assert.notEqual(second, first);
    const next = await client.execute("print alive");
    assert.equal(printed(next.published), "alive\n");
    assert.equal(printed(next.published, "stderr"), "", "said once, not twice");
  }
});

test("a session that dies between cells is told of in the next one", async () => {
  await using kernel = await KernelUnderTest.start();
  const client = await kernel.connect();
  await client.execute("print ready");
  process.kill(pidOf(await kernel.logged("start")), "SIGKILL");
  await kernel.logged("start", 2);
  await client.execute("print quietly", { silent: true });
  const next = await client.execute("print next");
  assert.match(printed(next.published, "stderr"), /died \(signal SIGKILL\)\. Names and services/);
  assert.equal(printed(next.published), "next\n");
  assert.equal(printed((await client.execute("print once")).published, "stderr"), "");
});

test("questions that a dying session leaves open are answered empty", async () => {
  await using kernel = await KernelUnderTest.start();
  const client = await kernel.connect();
  await client.execute("print ready");
  const asked = client.send("shell", "complete_request", { code: "hang", cursor_pos: 4 });
  process.kill(pidOf(await kernel.logged("start")), "SIGKILL");
  assert.deepEqual((await client.finished(asked)).reply.content["matches"], []);
});

test("the death of the parent ends kernel and session", async () => {
  const launcher = join(import.meta.dirname, "support", "launcher.ts");
  await using kernel = await KernelUnderTest.start({ command: [process.execPath, launcher, "parent"] });
  const client = await kernel.connect();
  await client.execute("print ready");
  const session = pidOf(await kernel.logged("start"));
  const child = childOf(kernel.process.pid ?? 0);
  assert.ok(alive(child) && alive(session));
  kernel.process.kill("SIGKILL");
  await eventually("the kernel's end", () => !alive(child) || undefined);
  await eventually("the session's end", () => !alive(session) || undefined);
});

test("the death of the server that JPY_PARENT_PID names ends the kernel, whatever lives between them", async () => {
  const launcher = join(import.meta.dirname, "support", "launcher.ts");
  await using kernel = await KernelUnderTest.start({ command: [process.execPath, launcher, "server"] });
  const client = await kernel.connect();
  await client.execute("print ready");
  const session = pidOf(await kernel.logged("start"));
  const between = childOf(kernel.process.pid ?? 0);
  const child = childOf(between);
  kernel.process.kill("SIGKILL");
  await eventually("the kernel's end", () => !alive(child) || undefined);
  await eventually("the session's end", () => !alive(session) || undefined);
  await eventually("the end of what lives between", () => !alive(between) || undefined);
});

/** The first child of a process. */
function childOf(pid: number): number {
  const [first] = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
  return Number(first);
}
