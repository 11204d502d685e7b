import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { text } from "node:stream/consumers";
import type { EngineChoice } from "../../kernel/engines/context.ts";
import { connectDocker } from "../../kernel/engines/docker.ts";
import { engineProblem, type Machine, startCommand } from "../../kernel/engines/failures.ts";
import { Problem } from "../../model/problem.ts";

const BARE: Machine = { client: false, daemon: false, systemd: false, initScript: false, root: true };
const DEFAULT: EngineChoice = { address: { socketPath: "/var/run/docker.sock" }, namedBy: "the default" };
const OTHER: EngineChoice = { address: { socketPath: "/run/other.sock" }, namedBy: "DOCKER_HOST" };

function directory(t: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), "faultbook-socket-"));
  t.after(() => rmSync(made, { recursive: true }));
  return made;
}

/** What connecting to this DOCKER_HOST fails with. */
async function failure(t: TestContext, host: string): Promise<Problem> {
  const before = process.env["DOCKER_HOST"];
  process.env["DOCKER_HOST"] = host;
  t.after(() => {
    if (before === undefined) delete process.env["DOCKER_HOST"];
    else process.env["DOCKER_HOST"] = before;
  });
  try {
    await connectDocker("failures");
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error("it connected");
}

function errno(code: string): Error {
  return Object.assign(new Error(`connect ${code}`), { code });
}

test("a socket that does not exist is a stopped engine, named with the setting that named it", async (t) => {
  const path = join(directory(t), "none.sock");
  const problem = await failure(t, `unix://${path}`);
  assert.equal(problem.code, "DOCKER_STOPPED");
  assert.ok(problem.message.includes(`there is no ${path}`));
  assert.match(problem.hint, /DOCKER_HOST/);
});

test("a socket that nobody listens on is a stopped engine", async (t) => {
  const path = join(directory(t), "dead.sock");
  // Closing a server removes its socket; one whose process was killed leaves it.
  const child = spawn(process.execPath, ["-e", `require("net").createServer().listen(${JSON.stringify(path)}, () => console.log("up"))`]);
  await once(child.stdout, "data");
  child.kill("SIGKILL");
  await once(child, "exit");
  const problem = await failure(t, `unix://${path}`);
  assert.equal(problem.code, "DOCKER_STOPPED");
  assert.ok(problem.message.includes(`nobody answers at ${path}`));
});

test("a TCP port that nobody listens on is a stopped engine", async (t) => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  server.close();
  await once(server, "close");
  assert.equal((await failure(t, `tcp://127.0.0.1:${address.port}`)).code, "DOCKER_STOPPED");
});

test("a socket without permission is a forbidden engine, and the hint names the group", async (t) => {
  if (process.getuid?.() !== 0) {
    t.skip("needs root, to become somebody else");
    return;
  }
  const path = join(directory(t), "closed.sock");
  const server = createServer().listen(path);
  t.after(() => server.close());
  await once(server, "listening");
  chmodSync(path, 0o600);
  chmodSync(join(path, ".."), 0o755);
  const program = `
    import { connectDocker } from ${JSON.stringify(join(import.meta.dirname, "../../kernel/engines/docker.ts"))};
    await import(${JSON.stringify(import.meta.resolve("dockerode"))});
    process.setgroups([]); process.setgid(65534); process.setuid(65534);
    const problem = await connectDocker("forbidden").catch((error) => error);
    console.log(JSON.stringify([problem.code, problem.message, problem.hint]));`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    env: { ...process.env, DOCKER_HOST: `unix://${path}` },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [code, message, hint] = JSON.parse(await text(child.stdout)) as readonly string[];
  assert.equal(code, "DOCKER_FORBIDDEN");
  assert.ok(message?.includes(path));
  assert.match(hint ?? "", /usermod -aG docker/);
});

test("something that answers and is no engine is a failed one, in its own words", async (t) => {
  const path = join(directory(t), "odd.sock");
  const server = createHttpServer((_, answer) => answer.writeHead(500).end(JSON.stringify({ message: "the graph driver is gone" })));
  server.listen(path);
  t.after(() => server.close());
  await once(server, "listening");
  const problem = await failure(t, `unix://${path}`);
  assert.equal(problem.code, "DOCKER_FAILED");
  assert.match(problem.message, /the graph driver is gone/);
});

test("no socket, no client and no daemon is an absent engine", () => {
  const problem = engineProblem(errno("ENOENT"), DEFAULT, "saying hello", () => BARE);
  assert.equal(problem.code, "DOCKER_ABSENT");
  assert.match(problem.hint, /install/i);
});

test("no socket but a daemon is a stopped engine, with the command that starts it here", () => {
  const problem = engineProblem(errno("ENOENT"), DEFAULT, "saying hello", () => ({ ...BARE, daemon: true, systemd: true, root: false }));
  assert.equal(problem.code, "DOCKER_STOPPED");
  assert.equal(problem.hint, "Start it: sudo systemctl start docker");
});

test("a client without a daemon is told to install one, not to start what isn't there", () => {
  const problem = engineProblem(errno("ENOENT"), DEFAULT, "saying hello", () => ({ ...BARE, client: true }));
  assert.equal(problem.code, "DOCKER_STOPPED");
  assert.match(problem.hint, /no daemon: install one/);
});

test("another engine than the machine's is never called absent for want of a client here", () => {
  assert.equal(engineProblem(errno("ENOENT"), OTHER, "saying hello", () => BARE).code, "DOCKER_STOPPED");
});

test("the start command is the machine's own", () => {
  assert.equal(startCommand(BARE), undefined);
  assert.equal(startCommand({ ...BARE, daemon: true }), "dockerd &");
  assert.equal(startCommand({ ...BARE, daemon: true, initScript: true }), "service docker start");
  assert.equal(startCommand({ ...BARE, daemon: true, initScript: true, root: false }), "sudo service docker start");
  assert.equal(startCommand({ ...BARE, daemon: true, initScript: true, systemd: true }), "systemctl start docker");
});

test("an engine without free address ranges is told apart", () => {
  const said = "could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network";
  assert.equal(engineProblem(Object.assign(new Error(said), { statusCode: 500 }), DEFAULT, "x").code, "DOCKER_NETWORKS_EXHAUSTED");
});
