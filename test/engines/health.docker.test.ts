import assert from "node:assert/strict";
import { test } from "node:test";
import { waitHealthy } from "../../kernel/engines/health.ts";
import { Problem } from "../../model/problem.ts";
import { engineFor, failureOf, nodeService, server, silent, soon } from "./world.ts";

test("a health check that never passes shows its last answer and the service's last lines", async (t) => {
  const engine = await engineFor(t);
  const program = `console.log("waiting for a licence"); console.error("still none");
    require("http").createServer((_, response) => { response.statusCode = 503; response.end(); }).listen(8080)`;
  const service = nodeService("never", program, { healthcheck: { kind: "http", path: "/health", timeout_ms: 1500 } });
  const running = await engine.start(service, silent, soon());
  const problem = await failureOf(waitHealthy(service, running, engine, soon()));
  assert.ok(problem instanceof Problem);
  assert.equal(problem.code, "HEALTHCHECK_TIMEOUT");
  assert.match(problem.message, /GET \/health answered 503/);
  assert.match(problem.message, /waiting for a licence/);
  assert.match(problem.message, /still none/);
});

test("a port that nobody listens on ends the wait with the connection's own error", async (t) => {
  const engine = await engineFor(t);
  const service = nodeService("deaf", "setInterval(() => {}, 1000)", { healthcheck: { kind: "tcp", timeout_ms: 700 } });
  const running = await engine.start(service, silent, soon());
  const problem = await failureOf(waitHealthy(service, running, engine, soon()));
  assert.match(problem.message, /ECONNREFUSED/);
  assert.match(problem.message, /It wrote nothing/);
});

test("a service that dies while it starts ends the wait early, with its code and last lines", async (t) => {
  const engine = await engineFor(t);
  const program = 'setTimeout(() => { console.error("no database"); process.exit(7); }, 300)';
  const service = nodeService("mortal", program, { healthcheck: { kind: "http", path: "/", timeout_ms: 60_000 } });
  const running = await engine.start(service, silent, soon());
  const problem = await failureOf(waitHealthy(service, running, engine, soon()));
  assert.ok(problem instanceof Problem);
  assert.equal(problem.code, "SERVICE_DIED");
  assert.match(problem.message, /exited with code 7/);
  assert.match(problem.message, /no database/);
});

test("a service that dies at once is reported so, whoever notices first", async (t) => {
  const engine = await engineFor(t);
  const service = nodeService("stillborn", 'console.error("bad flag"); process.exit(2)', {
    healthcheck: { kind: "tcp", timeout_ms: 60_000 },
  });
  const started = engine.start(service, silent, soon()).then((running) => waitHealthy(service, running, engine, soon()));
  const problem = await failureOf(started);
  assert.ok(problem instanceof Problem);
  assert.equal(problem.code, "SERVICE_DIED");
  assert.match(problem.message, /exited with code 2[^]*bad flag/);
});

test("a service without a check is ready when its container runs", async (t) => {
  const engine = await engineFor(t);
  const service = nodeService("plain", "setInterval(() => {}, 1000)");
  const running = await engine.start(service, silent, soon());
  assert.equal((await waitHealthy(service, running, engine, soon())).tries, 0);
});

test("an interrupt ends the wait with its reason", async (t) => {
  const engine = await engineFor(t);
  const service = nodeService("slow", "setInterval(() => {}, 1000)", { healthcheck: { kind: "tcp", timeout_ms: 60_000 } });
  const running = await engine.start(service, silent, soon());
  const controller = new AbortController();
  const reason = new Error("interrupted by the cell");
  setTimeout(() => controller.abort(reason), 300);
  assert.equal(await failureOf(waitHealthy(service, running, engine, controller.signal)), reason);
});

test("ready() of an HTTP service takes any answer, and http() follows what 2xx and 3xx mean", async (t) => {
  const engine = await engineFor(t);
  const ready = nodeService("r", server("(response.statusCode = 404)"), { healthcheck: { kind: "ready", timeout_ms: 20_000 } });
  const moved = nodeService("m", server("(response.statusCode = 302)"), { healthcheck: { kind: "http", path: "/", timeout_ms: 20_000 } });
  await waitHealthy(ready, await engine.start(ready, silent, soon()), engine, soon());
  await waitHealthy(moved, await engine.start(moved, silent, soon()), engine, soon());
});

test("ready() of a real Postgres waits until it takes queries", async (t) => {
  const engine = await engineFor(t);
  const service = {
    ...nodeService("db", "", {
      protocol: "postgres",
      port: 5432,
      env: { POSTGRES_PASSWORD: "pw" },
      healthcheck: { kind: "ready", timeout_ms: 30_000 },
    }),
    source: { kind: "image", image: "faultbook/postgres:15" },
    args: [],
  } as const;
  const running = await engine.start(service, silent, soon());
  await waitHealthy(service, running, engine, soon(60_000));
  const lines = await engine.tail("db", 200);
  assert.ok(lines.some((line) => /ready to accept connections/.test(line.text)));
  assert.ok(
    !lines.some((line) => /invalid|incomplete startup|could not receive/.test(line.text)),
    "the question leaves no complaint in its log",
  );
});
