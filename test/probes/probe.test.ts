import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { type Arguments, type Probe, probes } from "../../kernel/probes/probe.ts";
import { Problem } from "../../model/problem.ts";

const limit = AbortSignal.timeout(30_000);

function httpProbe(): Probe {
  const probe = probes.get("http");
  assert.ok(probe !== undefined);
  return probe;
}

function problem(method: string, args: Arguments): Problem {
  try {
    httpProbe().summary(method, args);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error("no problem was thrown");
}

test("the http probe lends its methods, and says in a few words what it asks", () => {
  assert.deepEqual(
    httpProbe().methods.map((method) => method.name),
    ["get", "post", "put", "delete", "patch"],
  );
  assert.equal(httpProbe().summary("post", { path: "/orders?x=1", body: "{}" }), "POST /orders?x=1");
});

test("a misspelt method or parameter brings the right one", () => {
  assert.match(problem("pots", { path: "/" }).message, /no method pots/);
  assert.match(problem("pos", { path: "/" }).message, /did you mean "post"/);
  assert.match(problem("post", { pat: "/" }).message, /did you mean "path"/);
  assert.match(problem("get", { path: "/", body: "x" }).hint, /It takes path=, \[headers=\], \[timeout=\]/);
});

test("arguments that can't be sent are the spec's problem", () => {
  for (const args of [
    {},
    { path: "orders" },
    { path: "/a b" },
    { path: "/\r\nX: y" },
    { path: 1 },
    { path: "/", headers: "x" },
    { path: "/", headers: { a: 1 } },
    { path: "/", headers: { a: "x\r\ny" } },
    { path: "/", headers: { "a b": "x" } },
    { path: "/", timeout: "soon" },
    { path: "/", timeout: 0 },
  ]) {
    const { code, blame } = problem("post", args);
    assert.deepEqual([code, blame], ["PROBE_ARGUMENT", "spec"], JSON.stringify(args));
  }
});

test("a dict goes as JSON and says so, a text as it is", async (t) => {
  const seen: (readonly unknown[])[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      seen.push([request.method, request.headers["content-type"], body]);
      response.end();
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  const at = { address: "127.0.0.1", port: address.port };
  await httpProbe().call("post", { path: "/", body: { qty: 1 } }, at, limit);
  await httpProbe().call("put", { path: "/", body: { qty: 1 }, headers: { "Content-Type": "application/vnd.shop+json" } }, at, limit);
  await httpProbe().call("delete", { path: "/", body: "as it is" }, at, limit);
  await httpProbe().call("get", { path: "/" }, at, limit);
  assert.deepEqual(seen, [
    ["POST", "application/json", '{"qty":1}'],
    ["PUT", "application/vnd.shop+json", '{"qty":1}'],
    ["DELETE", undefined, "as it is"],
    ["GET", undefined, ""],
  ]);
});

test("the time-out of a call is its own", async (t) => {
  const server = createServer(() => undefined).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  const answer = await httpProbe().call("get", { path: "/", timeout: "120ms" }, { address: "127.0.0.1", port: address.port }, limit);
  assert.deepEqual([answer.gave_up, answer.error], ["probe", "ETIMEDOUT: no complete answer within 120 ms, the probe gave up"]);
});
