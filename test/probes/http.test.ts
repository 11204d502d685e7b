import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { createServer as createTcpServer, type Server, type Socket } from "node:net";
import { test, type TestContext } from "node:test";
import { text } from "node:stream/consumers";
import { type HttpRequest, probeHttp } from "../../kernel/probes/http.ts";
import type { Response } from "../../model/declaration.ts";

const limit = AbortSignal.timeout(60_000);

async function listening(t: TestContext, server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  return address.port;
}

async function http(t: TestContext, listener: RequestListener): Promise<number> {
  return listening(t, createServer(listener));
}

/** A server that does this to each connection once it has been sent something. */
async function tcp(t: TestContext, act: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  t.after(() => sockets.forEach((socket) => socket.destroy()));
  return listening(
    t,
    createTcpServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.once("data", () => act(socket));
    }),
  );
}

function ask(port: number, more: Partial<HttpRequest> = {}): Promise<Response> {
  return probeHttp({ method: "GET", address: "127.0.0.1", port, path: "/", headers: {}, timeout_ms: 20_000, signal: limit, ...more });
}

test("an answer has its status, body, headers in lower case and a duration", async (t) => {
  const port = await http(t, (_, response) => response.writeHead(201, { "X-Order-ID": "7", "Set-Cookie": ["a=1", "b=2"] }).end("made"));
  const { duration_ms, headers, ...answer } = await ask(port);
  assert.deepEqual(answer, { status: 201, body: "made", data: "made", ok: true, error: "", outcome: "answered", gave_up: "" });
  assert.equal(headers["x-order-id"], "7");
  assert.equal(headers["set-cookie"], "a=1, b=2");
  assert.ok(duration_ms > 0 && duration_ms < 20_000);
});

test("a status that is no success is an answer all the same, and a redirect is not followed", async (t) => {
  let asked = 0;
  const port = await http(t, (request, response) => {
    asked++;
    response.writeHead(request.url === "/old" ? 302 : 503, { location: "/new" }).end("");
  });
  const moved = await ask(port, { path: "/old" });
  assert.deepEqual([moved.status, moved.ok, moved.outcome, moved.headers["location"]], [302, false, "answered", "/new"]);
  assert.deepEqual([(await ask(port)).status, asked], [503, 2]);
});

test("method, path, headers and body arrive as given", async (t) => {
  let seen: readonly unknown[] = [];
  const note = async (request: IncomingMessage): Promise<void> => {
    seen = [request.method, request.url, request.headers["x-trace"], await text(request)];
  };
  const port = await http(t, (request, response) => void note(request).then(() => response.end()));
  await ask(port, { method: "PATCH", path: "/orders?id=%C3%A9", headers: { "x-trace": "t" }, body: '{"name":"é"}' });
  assert.deepEqual(seen, ["PATCH", "/orders?id=%C3%A9", "t", '{"name":"é"}']);
});

test("each request has a connection of its own, closed afterwards", async (t) => {
  const ports = new Set<number | undefined>();
  const server = createServer((request, response) => {
    ports.add(request.socket.remotePort);
    response.end("x");
  });
  const port = await listening(t, server);
  for (let n = 0; n < 3; n++) await ask(port);
  assert.equal(ports.size, 3);
  const closed = new Promise((resolve) => server.close(resolve));
  await closed;
});

test("JSON is parsed where the service says so or sends an object or a list; anything else stays a text", async (t) => {
  const bodies: Readonly<Record<string, readonly [string, string]>> = {
    "/said": ["application/json; charset=utf-8", "42"],
    "/problem": ["application/problem+json", '{"a":[1]}'],
    "/unsaid": ["text/plain", ' {"a":1}'],
    "/number": ["text/plain", "42"],
    "/broken": ["application/json", '{"a":'],
  };
  const port = await http(t, (request, response) => {
    const [type, body] = bodies[request.url ?? ""] ?? ["", ""];
    response.writeHead(200, { "content-type": type }).end(body);
  });
  assert.equal((await ask(port, { path: "/said" })).data, 42);
  assert.deepEqual((await ask(port, { path: "/problem" })).data, { a: [1] });
  assert.deepEqual((await ask(port, { path: "/unsaid" })).data, { a: 1 });
  assert.equal((await ask(port, { path: "/number" })).data, "42");
  assert.equal((await ask(port, { path: "/broken" })).data, '{"a":');
});

test("bytes that are no UTF-8 become replacement characters", async (t) => {
  const port = await http(t, (_, response) => response.end(Buffer.from([0x61, 0xff, 0x62])));
  assert.equal((await ask(port)).body, "a\uFFFDb");
});

test("a huge body is cut with a note, and a body without end ends", async (t) => {
  const port = await http(t, (request, response) => {
    if (request.url === "/exact") response.end("x".repeat(1024 * 1024));
    else {
      const more = (): void => {
        if (!response.destroyed) response.write("x".repeat(65_536), more);
      };
      more();
    }
  });
  const exact = await ask(port, { path: "/exact" });
  assert.equal(exact.body.length, 1024 * 1024);
  const cut = await ask(port, { path: "/endless" });
  assert.match(cut.body, /x\n… cut here: the probe keeps 1 MiB of a body$/);
  assert.equal(cut.body.indexOf("\n"), 1024 * 1024);
  assert.deepEqual([cut.status, cut.outcome], [200, "answered"]);
});

test("a refused connection was surely not carried out", async (t) => {
  const server = createTcpServer();
  const port = await listening(t, server);
  server.close();
  await once(server, "close");
  const { duration_ms, ...answer } = await ask(port);
  assert.ok(duration_ms >= 0);
  assert.deepEqual(answer, {
    status: 0,
    body: "",
    data: "",
    ok: false,
    error: "ECONNREFUSED: connection refused",
    headers: {},
    outcome: "refused",
    gave_up: "",
  });
});

test("after a reset nobody can tell, before an answer and in the middle of one", async (t) => {
  const before = await ask(await tcp(t, (socket) => socket.resetAndDestroy()));
  assert.deepEqual(
    [before.status, before.outcome, before.error, before.gave_up],
    [0, "unknown", "ECONNRESET: connection reset by peer", ""],
  );
  const port = await tcp(t, (socket) =>
    socket.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf", () => setTimeout(() => socket.resetAndDestroy(), 20)),
  );
  const middle = await ask(port);
  assert.deepEqual([middle.status, middle.ok, middle.outcome, middle.error], [0, false, "unknown", "ECONNRESET: connection reset by peer"]);
});

test("a connection that is closed without the whole answer is unknown too, and asked only once", async (t) => {
  let asked = 0;
  const port = await tcp(t, (socket) => {
    asked++;
    socket.end();
  });
  const empty = await ask(port);
  assert.deepEqual([empty.outcome, empty.error, asked], ["unknown", "EOF: the connection was closed before the answer was complete", 1]);
  const half = await ask(await tcp(t, (socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf")));
  assert.deepEqual(
    [half.status, half.outcome, half.error],
    [0, "unknown", "EOF: the connection was closed before the answer was complete"],
  );
});

test("an answer that is no HTTP is unknown, with the parser's word", async (t) => {
  const answer = await ask(await tcp(t, (socket) => socket.write("220 smtp.example ready\r\n")));
  assert.equal(answer.outcome, "unknown");
  assert.match(answer.error, /^EPROTO: .*does not match the HTTP\/1\.1 protocol/);
});

test("our own time-out says that we gave up: unknown when the request was sent", async (t) => {
  const port = await tcp(t, () => undefined);
  const answer = await ask(port, { timeout_ms: 150 });
  assert.deepEqual([answer.status, answer.outcome, answer.gave_up], [0, "unknown", "probe"]);
  assert.equal(answer.error, "ETIMEDOUT: no complete answer within 150 ms, the probe gave up");
  assert.ok(answer.duration_ms >= 140);
});

test("the time-out covers the body, not only its beginning", async (t) => {
  const port = await tcp(t, (socket) => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf"));
  const answer = await ask(port, { timeout_ms: 150 });
  assert.deepEqual([answer.outcome, answer.gave_up], ["unknown", "probe"]);
});

test("a time-out before there is a connection is a request that was surely not carried out", async (t) => {
  // A listener that accepts nobody: with its queue full, Linux drops further SYNs, so a connect waits.
  const { spawn } = await import("node:child_process");
  const program = `import socket, sys, time
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(0); print(s.getsockname()[1], flush=True); time.sleep(60)`;
  const child = spawn("python3", ["-c", program], { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => child.kill("SIGKILL"));
  const port = Number(String((await once(child.stdout, "data", { signal: limit }))[0]));
  const { connect } = await import("node:net");
  const fillers = Array.from({ length: 4 }, () => connect(port, "127.0.0.1").on("error", () => undefined));
  t.after(() => fillers.forEach((socket) => socket.destroy()));
  await once(fillers[0] ?? child, "connect");
  const answer = await ask(port, { timeout_ms: 300 });
  assert.deepEqual(
    [answer.outcome, answer.gave_up, answer.error],
    ["refused", "probe", "ETIMEDOUT: no connection within 300 ms, the probe gave up"],
  );
});

test("an interrupt throws its reason, before the request and during it", async (t) => {
  const reason = new Error("interrupted by the cell");
  const port = await tcp(t, () => undefined);
  await assert.rejects(ask(port, { signal: AbortSignal.abort(reason) }), reason);
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), 100);
  await assert.rejects(ask(port, { signal: controller.signal }), reason);
});
