/** In which order things reach a client, under load, after errors and during interrupts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { KernelUnderTest, outline, printed } from "./support/client.ts";
import { eventually } from "./support/waiting.ts";

test("20,000 printed lines arrive complete, in order and before idle, in few messages", async () => {
  await using kernel = await KernelUnderTest.start();
  const client = await kernel.connect();
  const { published } = await client.execute("lines 20000");
  assert.equal(printed(published), Array.from({ length: 20_000 }, (_, n) => `line ${n}\n`).join(""));
  assert.equal(outline(published).at(-1), "idle");
  const streams = published.filter((one) => one.type === "stream").length;
  assert.ok(streams <= 200, `${streams} messages`);
});

test("a cell that prints without end is cut off, says so, and what follows is shown", async () => {
  await using kernel = await KernelUnderTest.start();
  const client = await kernel.connect();
  const { published } = await client.execute("bulk 20000000\nresult 42");
  assert.equal(printed(published).length, 16_000_000);
  assert.match(printed(published, "stderr"), /more than 16 million characters; the rest is not shown/);
  assert.equal(outline(published).filter((type) => type === "execute_result").length, 1);
  assert.equal(printed((await client.execute("print next")).published), "next\n");
});

test("stdout and stderr keep their order between each other", async () => {
  await using kernel = await KernelUnderTest.start();
  const client = await kernel.connect();
  const { published } = await client.execute("print 1\nprint 2\nstderr 3\nprint 4");
  const texts = published.filter((one) => one.type === "stream").map((one) => [one.content["name"], one.content["text"]]);
  assert.deepEqual(texts, [
    ["stdout", "1\n2\n"],
    ["stderr", "3\n"],
    ["stdout", "4\n"],
  ]);
});

test("a running cell's text is seen while it runs", async () => {
  await using kernel = await KernelUnderTest.start();
  const client = await kernel.connect();
  const id = client.startExecute("print early\nsleep 60000");
  const early = await client.publishedFor(id, (one) => one.type === "stream");
  assert.equal(early.content["text"], "early\n");
  await client.request("control", "interrupt_request");
  await client.finished(id);
});

test("a timer's late text belongs to the cell that started it", async () => {
  await using kernel = await KernelUnderTest.start();
  const client = await kernel.connect();
  const id = client.startExecute("late 200 from the first");
  await client.finished(id);
  await client.execute("print second");
  const late = await client.publishedFor(id, (one) => one.type === "stream");
  assert.equal(late.content["text"], "from the first\n");
});

test("after an error everything that waited is answered aborted, other requests are not, and what comes later runs", async () => {
  await using kernel = await KernelUnderTest.start();
  const client = await kernel.connect();
  const failing = client.startExecute("sleep 300\nfail Broken x");
  const waiting = Array.from({ length: 50 }, (_, n) => client.startExecute(`print ${n}`));
  const info = client.send("shell", "kernel_info_request");
  const lastWaiting = client.startExecute("print last");

  const { reply } = await client.finished(failing);
  const later = client.startExecute("print later");
  const count = reply.content["execution_count"];
  for (const id of [...waiting, lastWaiting]) {
    const aborted = await client.finished(id);
    assert.deepEqual(aborted.reply.content, { status: "aborted", execution_count: count });
    assert.deepEqual(outline(aborted.published), ["busy", "idle"]);
  }
  assert.equal((await client.finished(info)).reply.content["status"], "ok");
  const ran = await client.finished(later);
  assert.equal(ran.reply.content["status"], "ok");
  assert.equal(printed(ran.published), "later\n");
});

test("with stop_on_error false the queue goes on", async () => {
  await using kernel = await KernelUnderTest.start();
  const client = await kernel.connect();
  const failing = client.startExecute("sleep 100\nfail Expected x", { stop_on_error: false });
  const waiting = client.startExecute("print on");
  assert.equal((await client.finished(failing)).reply.content["status"], "error");
  assert.equal(printed((await client.finished(waiting)).published), "on\n");
});

test("an interrupt is answered while the cell runs, ends it and what waits behind it", async () => {
  await using kernel = await KernelUnderTest.start();
  const client = await kernel.connect();
  const running = client.startExecute("print on\nsleep 60000");
  const waiting = client.startExecute("print never");
  await client.publishedFor(running, (one) => one.type === "stream");
  assert.deepEqual((await client.request("control", "interrupt_request")).reply.content, { status: "ok" });
  assert.equal((await client.finished(running)).reply.content["ename"], "KeyboardInterrupt");
  assert.equal((await client.finished(waiting)).reply.content["status"], "aborted");
  assert.equal((await client.execute("print alive")).reply.content["status"], "ok");
});

test("a control request during a cell does not leave the kernel looking idle", async () => {
  await using kernel = await KernelUnderTest.start();
  const client = await kernel.connect();
  const running = client.startExecute("print on\nsleep 60000");
  await client.publishedFor(running, (one) => one.type === "stream");
  await client.request("control", "kernel_info_request");
  await client.publishedFor(running, (one) => one.type === "status" && client.published.indexOf(one) > 4);
  assert.equal(client.published.findLast((one) => one.type === "status")?.content["execution_state"], "busy");
  await client.request("control", "interrupt_request");
  await client.finished(running);
});

test("SIGINT is an interrupt, not the end, and harmless when nothing runs", async () => {
  await using kernel = await KernelUnderTest.start();
  const client = await kernel.connect();
  await client.execute("print ready");
  kernel.signal("SIGINT");
  await kernel.logged("interrupt");
  const running = client.startExecute("print on\nsleep 60000");
  await client.publishedFor(running, (one) => one.type === "stream");
  kernel.signal("SIGINT");
  assert.equal((await client.finished(running)).reply.content["ename"], "KeyboardInterrupt");
  assert.equal((await client.execute("print alive")).reply.content["status"], "ok");
});

test("heartbeat and control answer while a cell holds the session's thread", async () => {
  await using kernel = await KernelUnderTest.start();
  const client = await kernel.connect();
  const running = client.startExecute("print on\nblock 3000");
  await client.publishedFor(running, (one) => one.type === "execute_input");
  for (const beat of ["ping", "other"]) assert.equal(await client.heartbeat(beat), beat);
  await client.request("control", "kernel_info_request");
  assert.ok(!client.published.some((one) => one.parent["msg_id"] === running && one.content["execution_state"] === "idle"));
  await client.finished(running);
});

test("two clients get their own replies, and each other's outputs", async () => {
  await using kernel = await KernelUnderTest.start();
  const [one, two] = [await kernel.connect(), await kernel.connect()];
  const [a, b] = await Promise.all([one.execute("print a"), two.execute("print b")]);
  assert.equal(a.reply.parent["session"], one.session);
  assert.equal(b.reply.parent["session"], two.session);
  const heard = await eventually("both texts at both clients", () => {
    const texts = [one, two].map((client) => printed(client.published).trim().split("\n").sort().join(""));
    return texts.every((text) => text === "ab") ? texts : undefined;
  });
  assert.equal(heard.length, 2);
});
