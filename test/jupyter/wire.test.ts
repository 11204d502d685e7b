/** Frames as they lie on the wire: signatures, identities, what is dropped, encryption, subscriptions. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { Router, Dealer, curveKeyPair } from "zeromq";
import { Wire } from "../../kernel/jupyter/wire.ts";
import { KernelUnderTest } from "./support/client.ts";

test("a message signed with another key, cut short or broken is dropped without a word, and the next good one is answered", async () => {
  await using kernel = await KernelUnderTest.start();
  const [client, stranger] = [await kernel.connect(), await kernel.connect()];
  const header = JSON.stringify({ msg_id: "x", session: "s", username: "u", msg_type: "kernel_info_request", version: "5.4" });
  for (const channel of ["shell", "control"] as const) {
    stranger.sendFrames(channel, ["<IDS|MSG>", "00".repeat(32), header, "{}", "{}", "{}"]);
    stranger.sendFrames(channel, ["<IDS|MSG>", "", header, "{}", "{}", "{}"]);
    stranger.sendFrames(channel, ["<IDS|MSG>", "00", header]);
    stranger.sendFrames(channel, ["no delimiter"]);
    stranger.sendFrames(channel, [""]);
    for (const broken of ["{", "[]", "null", "3"]) {
      const signed = [header, "{}", "{}", broken];
      stranger.sendFrames(channel, ["<IDS|MSG>", sign("secret", signed), ...signed]);
    }
    const untyped = ["{}", "{}", "{}", "{}"];
    stranger.sendFrames(channel, ["<IDS|MSG>", sign("secret", untyped), ...untyped]);
    assert.equal((await stranger.request(channel, "kernel_info_request")).reply.content["status"], "ok");
  }
  assert.equal((await client.request("shell", "kernel_info_request")).reply.content["status"], "ok");
  const parents = client.published.map((one) => one.parent["msg_id"]);
  assert.ok(!parents.includes("x"), "no status about a dropped message");
});

test("an empty key means no signatures", async () => {
  await using kernel = await KernelUnderTest.start({ key: "" });
  const client = await kernel.connect();
  assert.equal((await client.request("shell", "kernel_info_request")).reply.content["status"], "ok");
});

test("every subscriber is welcomed, under the topic that it chose", async () => {
  await using kernel = await KernelUnderTest.start();
  for (let n = 0; n < 3; n += 1) {
    const welcome = await (await kernel.connect()).broadcast("iopub_welcome");
    assert.deepEqual(welcome.content, { subscription: "" });
    assert.deepEqual(welcome.parent, {});
  }
});

test("identities are copied verbatim, however many there are", async () => {
  const wire = new Wire("k", "sha256");
  const body = ['{"msg_type":"a","msg_id":"1"}', "{}", "{}", '{"x":1}'];
  const routes = [[], ["one"], ["\u0000\u0001", "", "third"]].map((route) => route.map((part) => Buffer.from(part)));
  for (const route of routes) {
    const request = wire.parse([...route, ...["<IDS|MSG>", sign("k", body), ...body, "a buffer"].map((part) => Buffer.from(part))]);
    assert.ok(request);
    assert.deepEqual(request.content, { x: 1 });
    assert.deepEqual(wire.frames(request.origin.identities, "a_reply", {}, request.origin).slice(0, route.length), route);
  }
  // The same through sockets: a router between client and kernel adds an identity of its own.
  await using kernel = await KernelUnderTest.start();
  const front = new Router({ linger: 0 });
  const back = new Dealer({ linger: 0 });
  front.bindSync("tcp://127.0.0.1:*");
  back.connect(`tcp://127.0.0.1:${kernel.connection["shell_port"]}`);
  void (async () => {
    for await (const frames of front) await back.send(frames);
  })();
  void (async () => {
    for await (const frames of back) await front.send(frames);
  })();
  const caller = new Dealer({ linger: 0, routingId: "caller", receiveTimeout: 10_000 });
  assert.ok(front.lastEndpoint !== null);
  caller.connect(front.lastEndpoint);
  const signed = ['{"msg_type":"kernel_info_request","msg_id":"1","session":"s","username":"u","version":"5.4"}', "{}", "{}", "{}"];
  await caller.send(["<IDS|MSG>", sign("secret", signed), ...signed]);
  const reply = await caller.receive();
  assert.equal(String(reply[0]), "<IDS|MSG>");
  for (const socket of [front, back, caller]) socket.close();
});

test("a client that comes back with the identity of a connection that still stands gets the answers", async () => {
  await using kernel = await KernelUnderTest.start();
  const before = await kernel.connect({ session: "the-same" });
  await before.request("shell", "kernel_info_request");
  const again = await kernel.connect({ session: "the-same" });
  assert.equal((await again.request("shell", "kernel_info_request")).reply.content["status"], "ok");
});

test("sockets are encrypted where the connection file brings keys", async () => {
  const server = curveKeyPair();
  await using kernel = await KernelUnderTest.start({ curve: server });
  const client = await kernel.connect({ curveServerKey: server.publicKey });
  assert.equal((await client.request("shell", "kernel_info_request")).reply.content["status"], "ok");
  assert.equal(await client.heartbeat("ping"), "ping");
});

test("a broken connection file ends the kernel with what is wrong in it", async () => {
  await using kernel = await KernelUnderTest.start({ command: [process.execPath, "kernel/jupyter/main.ts", "/nowhere/at-all.json"] });
  await kernel.exit();
  assert.equal(kernel.process.exitCode, 1);
  assert.match(kernel.said, /connection file \/nowhere\/at-all\.json can't be read: ENOENT/);
});

test("a port that somebody else has ends the kernel with which one it was", async () => {
  await using first = await KernelUnderTest.start();
  await first.connect();
  await using second = await KernelUnderTest.start({ ports: first.connection });
  await second.exit();
  assert.equal(second.process.exitCode, 1);
  assert.match(second.said, new RegExp(`can't listen on tcp://127.0.0.1:${first.connection["iopub_port"]}: Address already in use`));
});

function sign(key: string, parts: readonly string[]): string {
  const hmac = createHmac("sha256", key);
  for (const part of parts) hmac.update(part);
  return hmac.digest("hex");
}
