import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { waitHealthy } from "../../kernel/engines/health.ts";
import { Problem } from "../../model/problem.ts";
import { engineFor, failureOf, nodeService, server, sessionName, silent, soon } from "./world.ts";

/** The docker client: what the engine says is not proved by the engine. */
function docker(...args: readonly string[]): string {
  return execFileSync("docker", args, { encoding: "utf8" }).trim();
}

function ours(session: string): readonly string[] {
  const filter = `label=faultbook=${session}`;
  const found = [docker("ps", "-aq", "--filter", filter), docker("network", "ls", "-q", "--filter", filter)].join("\n");
  return found.split("\n").filter((line) => line !== "");
}

async function get(address: string | undefined, path = "/"): Promise<string> {
  return (await fetch(`http://${address ?? ""}:8080${path}`, { signal: soon() })).text();
}

/** The engine behind a socket of our own, on which a container's creation takes a second longer: an engine under load. */
async function throughSlowSocket<T>(t: TestContext, connect: () => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), "faultbook-slow-"));
  const slow = createServer((asked, answer) => {
    const { method, url: path, headers } = asked;
    const pass = (): void => {
      const passed = request({ socketPath: "/var/run/docker.sock", method, path, headers }, (got) => {
        answer.writeHead(got.statusCode ?? 502, got.headers);
        got.pipe(answer);
      });
      asked.pipe(passed);
    };
    setTimeout(pass, path?.startsWith("/containers/create") === true ? 1000 : 0);
  }).listen(join(directory, "docker.sock"));
  await once(slow, "listening");
  const before = process.env["DOCKER_HOST"];
  process.env["DOCKER_HOST"] = `unix://${join(directory, "docker.sock")}`;
  try {
    return await connect();
  } finally {
    // After what `connect` itself wants done afterwards: hooks run in their order.
    t.after(() => {
      slow.close();
      rmSync(directory, { recursive: true });
    });
    if (before === undefined) delete process.env["DOCKER_HOST"];
    else process.env["DOCKER_HOST"] = before;
  }
}

test("two services started at once find each other by name, with their environment, and publish no port", async (t) => {
  const session = sessionName();
  const engine = await engineFor(t, session);
  const healthcheck = { kind: "http", path: "/", timeout_ms: 20_000 } as const;
  const a = nodeService("a", server('url === "/b" ? fetch("http://b:8080/").then((x) => x.text()) : "a"'), { healthcheck });
  const b = nodeService("b", server("process.env.NAME"), { healthcheck, env: { NAME: "b, from its environment" } });
  const told: string[] = [];
  const [first, second] = await Promise.all([
    engine.start(a, (service, text) => told.push(`${service}: ${text}`), soon()),
    engine.start(b, silent, soon()),
  ]);
  const { tries } = await waitHealthy(a, first, engine, soon());
  await waitHealthy(b, second, engine, soon());

  assert.ok(tries >= 1);
  assert.equal(await get(first.addresses[0], "/b"), "b, from its environment");
  assert.deepEqual(told, ["a: starting"]);
  assert.equal(docker("port", first.id), "");
  assert.match(readFileSync(`/proc/${first.pid}/cmdline`, "utf8"), /^node\0-e\0/);
  assert.equal(docker("network", "ls", "-q", "--filter", `label=faultbook=${session}`).split("\n").length, 1, "one network for both");
  const labels = docker(
    "inspect",
    "-f",
    '{{index .Config.Labels "faultbook.service"}} {{index .Config.Labels "faultbook.owner"}}',
    first.id,
  );
  assert.match(labels, new RegExp(`^a ${process.pid}:\\d+:[0-9a-f-]{36}:\\d+$`));
});

test("probes come from the gateway's address", async (t) => {
  const engine = await engineFor(t);
  const service = nodeService("who", server("request.socket.remoteAddress"), { healthcheck: { kind: "tcp", timeout_ms: 20_000 } });
  const running = await engine.start(service, silent, soon());
  await waitHealthy(service, running, engine, soon());
  assert.equal((await get(running.addresses[0])).replace("::ffff:", ""), await engine.gateway());
});

test("a restart brings another first process, which is read again, and the service answers under its name", async (t) => {
  const engine = await engineFor(t);
  const service = nodeService("again", server("process.uptime()"), { healthcheck: { kind: "http", path: "/", timeout_ms: 20_000 } });
  const before = await engine.start(service, silent, soon());
  const after = await engine.restart("again", soon());
  await waitHealthy(service, after, engine, soon());
  assert.equal(after.id, before.id);
  assert.notEqual(after.pid, before.pid);
  assert.ok(after.started_ms > before.started_ms);
  assert.match(readFileSync(`/proc/${after.pid}/cmdline`, "utf8"), /^node\0-e\0/);
  const state = await engine.state("again");
  assert.ok(state.state === "running");
  assert.deepEqual(state.running, after);
});

test("a service that is started again under its name replaces the old one", async (t) => {
  const engine = await engineFor(t);
  const healthcheck = { kind: "http", path: "/", timeout_ms: 20_000 } as const;
  const old = await engine.start(nodeService("x", server('"old"'), { healthcheck }), silent, soon());
  const service = nodeService("x", server('"new"'), { healthcheck });
  const running = await engine.start(service, silent, soon());
  await waitHealthy(service, running, engine, soon());
  assert.notEqual(running.id, old.id);
  assert.equal(await get(running.addresses[0]), "new");
});

test("a service that is not there can't be restarted, and the problem says so", async (t) => {
  const engine = await engineFor(t);
  const problem = await failureOf(engine.restart("nobody", soon()));
  assert.ok(problem instanceof Problem);
  assert.equal(problem.code, "SERVICE_ABSENT");
});

test("state tells running, exited with its code, and absent apart", async (t) => {
  const engine = await engineFor(t);
  assert.deepEqual(await engine.state("nobody"), { state: "absent" });
  const running = await engine.start(nodeService("s", "setInterval(() => {}, 1000)"), silent, soon());
  assert.equal((await engine.state("s")).state, "running");
  process.kill(running.pid, "SIGKILL");
  docker("wait", running.id);
  assert.deepEqual(await engine.state("s"), { state: "exited", exit_code: 137, oom_killed: false });
});

test("a command that doesn't exist is the spec's problem, and leaves no container", async (t) => {
  const session = sessionName();
  const engine = await engineFor(t, session);
  const problem = await failureOf(engine.start({ ...nodeService("bad", ""), args: ["no-such-program"] }, silent, soon()));
  assert.ok(problem instanceof Problem);
  assert.equal(problem.code, "SERVICE_COMMAND");
  assert.match(problem.message, /no-such-program/);
  await engine.removeAll();
  assert.deepEqual(ours(session), []);
});

test("a start that is interrupted ends with the signal's reason, and removeAll leaves nothing of it", async (t) => {
  const session = sessionName();
  const engine = await engineFor(t, session);
  for (const ms of [0, 30, 120]) {
    const controller = new AbortController();
    const reason = new Error("interrupted by the cell");
    const started = engine.start(nodeService("i", server('"i"')), silent, controller.signal);
    setTimeout(() => controller.abort(reason), ms);
    // Where the machine was quicker than the interrupt there is a service; it goes with the others.
    const failure = await started.then(
      () => reason,
      (error: unknown) => error,
    );
    assert.equal(failure, reason);
  }
  await engine.removeAll();
  assert.deepEqual(ours(session), []);
});

test("removeAll while a service is just being created leaves nothing of it", async (t) => {
  const session = sessionName();
  const engine = await throughSlowSocket(t, () => engineFor(t, session));
  const controller = new AbortController();
  const reason = new Error("the session ends");
  let removed: Promise<void> | undefined;
  const end = (): void => {
    controller.abort(reason);
    removed = engine.removeAll();
  };
  assert.equal(await failureOf(engine.start(nodeService("late", server('"x"')), end, controller.signal)), reason);
  await removed;
  assert.deepEqual(ours(session), []);
});

test("removeAll removes containers, volumes and network, may be called again and at the same time, and a start after it works", async (t) => {
  const session = sessionName();
  const engine = await engineFor(t, session);
  await Promise.all(["a", "b"].map((name) => engine.start(nodeService(name, server('"x"')), silent, soon())));
  assert.equal(ours(session).length, 3);
  await Promise.all([engine.removeAll(), engine.removeAll()]);
  assert.deepEqual(ours(session), []);
  await engine.removeAll();
  await engine.start(nodeService("a", server('"x"')), silent, soon());
  assert.equal(ours(session).length, 2);
});

test("tail gives the last lines, oldest first, and both streams", async (t) => {
  const engine = await engineFor(t);
  const program = 'console.error("a complaint"); for (let i = 0; i < 50; i++) console.log("line " + i); setTimeout(() => {}, 300)';
  const running = await engine.start(nodeService("t", program), silent, soon());
  docker("wait", running.id);
  const all = await engine.tail("t", 1000);
  assert.deepEqual(
    all.filter((line) => line.stream === "stderr").map((line) => line.text),
    ["a complaint"],
  );
  const outputs = all.filter((line) => line.stream === "stdout").map((line) => line.text);
  assert.deepEqual(
    outputs,
    Array.from({ length: 50 }, (_, i) => `line ${i}`),
  );
  assert.deepEqual(await engine.tail("t", 3), all.slice(-3));
  assert.deepEqual(await engine.tail("nobody", 3), []);
});
