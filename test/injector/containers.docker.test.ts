/** Containers under Docker's default profile: all that runs in them is covered, and they go when the session is killed. */
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import type { TestContext } from "node:test";
import { test } from "node:test";
import { promisify } from "node:util";
import type { Target } from "../../injector/messages.ts";
import { end, eventually, InjectorProcess, isAlive, rule, startInjector, within } from "./harness.ts";

const IMAGE = "faultbook/node:24";
const DOCKER = { socketPath: "/var/run/docker.sock" } as const;

async function docker(...args: string[]): Promise<string> {
  const { stdout } = await within(promisify(execFile)("docker", args), `docker ${args[0] ?? ""}`, 60_000);
  return stdout.trim();
}

interface Container {
  readonly id: string;
  readonly target: Target;
}

/** A container that runs a Node program; `label` is what its session calls itself. */
async function run(t: TestContext, label: string, program: string, ...options: string[]): Promise<Container> {
  const id = await docker("run", "-d", "--init=false", "--label", `faultbook=${label}`, ...options, IMAGE, "node", "-e", program);
  t.after(() => docker("rm", "-f", "-v", id).catch(() => ""));
  const pid = Number(await docker("inspect", "-f", "{{.State.Pid}}", id));
  const address = await docker("inspect", "-f", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", id);
  return { id, target: { service: "subject", pid, addresses: [address] } };
}

function newLabel(): string {
  return `test-${randomBytes(6).toString("hex")}`;
}

function exec(container: Container, program: string): Promise<string> {
  return docker("exec", container.id, "node", "-e", program);
}

const WRITE = `try { fs.writeFileSync("/tmp/file", "x"); fs.writeSync(1, "written\\n") } catch (error) { fs.writeSync(1, error.code + "\\n") }`;
const LOOP = `setInterval(() => { ${WRITE} }, 20)`;

test("a container that runs already meets ENOSPC on files, goes on writing to its output, and recovers", async (t) => {
  const injector = await startInjector(t);
  const container = await run(t, newLabel(), LOOP);
  const last = async (): Promise<string> => (await docker("logs", "--tail", "1", container.id)).trim();
  await eventually("it writes", async () => (await last()) === "written");
  const full = rule({ keyword: "write", action: { kind: "deny", errno: "ENOSPC" } });
  const { armed } = await injector.arm([full], container.target);
  assert.equal(armed[0]?.processes, 1);
  await eventually("it fails", async () => (await last()) === "ENOSPC");
  const [counts] = await injector.disarm(full.id);
  assert((counts?.fired ?? 0) > 0);
  assert((counts?.passed["on a pipe"] ?? 0) > 0, "its output is a pipe and was spared");
  await eventually("it writes again", async () => (await last()) === "written");
  const [call] = injector.calls;
  assert.equal(call?.path, "/tmp/file");
  assert.match(call.process?.title ?? "", /^node -e setInterval/);
});

test("a process that the engine starts in the container is covered when a rule is armed after it", async (t) => {
  const injector = await startInjector(t);
  const container = await run(t, newLabel(), "setInterval(() => {}, 1000)");
  const executed = spawn("docker", ["exec", container.id, "node", "-e", LOOP], { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => executed.kill());
  let output = "";
  executed.stdout.setEncoding("utf8").on("data", (text: string) => (output = text));
  await eventually("it writes", () => output.endsWith("written\n"));
  const { armed } = await injector.arm([rule({ keyword: "write", action: { kind: "deny", errno: "ENOSPC" } })], container.target);
  assert.equal(armed[0]?.processes, 2);
  await eventually("it fails", () => output.endsWith("ENOSPC\n"));
});

test("a program of another user, without privilege of its own, is covered", async (t) => {
  const injector = await startInjector(t);
  const container = await run(t, newLabel(), LOOP, "--user", "1234", "--cap-drop", "ALL");
  await injector.arm([rule({ keyword: "write", action: { kind: "deny", errno: "ENOSPC" } })], container.target);
  await eventually("it fails", async () => (await docker("logs", "--tail", "1", container.id)).trim() === "ENOSPC");
});

test("a connect from one container to another is refused, and passes when the rule is lifted", async (t) => {
  const injector = await startInjector(t);
  const label = newLabel();
  const server = await run(t, label, "net.createServer((s) => s.end()).listen(4000)");
  const client = await run(
    t,
    label,
    `setInterval(() => net.connect(4000, "${server.target.addresses[0] ?? ""}")
      .on("connect", function () { fs.writeSync(1, "connected\\n"); this.destroy() })
      .on("error", (error) => fs.writeSync(1, error.code + "\\n")), 50)`,
  );
  const last = async (): Promise<string> => (await docker("logs", "--tail", "1", client.id)).trim();
  await eventually("it connects", async () => (await last()) === "connected");
  const down = rule({ keyword: "connect", action: { kind: "deny", errno: "ECONNREFUSED" }, to: [end(4000, server.target.addresses[0])] });
  await injector.arm([down], client.target);
  await eventually("it is refused", async () => (await last()) === "ECONNREFUSED");
  const [counts] = await injector.disarm(down.id);
  assert((counts?.fired ?? 0) > 0);
  await eventually("it connects again", async () => (await last()) === "connected");
});

/** A session with a container, a network, and a call that is held for an hour. */
async function busySession(t: TestContext): Promise<{ session: number; injector: InjectorProcess; label: string }> {
  const label = newLabel();
  const session = spawn("sleep", ["1000"], { stdio: "ignore" });
  t.after(() => session.kill("SIGKILL"));
  const injector = new InjectorProcess();
  t.after(() => injector.child.kill("SIGKILL"));
  await injector.begin(label, DOCKER, session.pid);
  await docker("network", "create", "--label", `faultbook=${label}`, label);
  t.after(() => docker("network", "rm", label).catch(() => ""));
  const container = await run(t, label, "setInterval(() => fs.fsync(fs.openSync('/tmp', 'r'), () => {}), 50)", "--network", label);
  await injector.arm([rule({ keyword: "fsync", action: { kind: "delay", ms: 3_600_000 } })], container.target);
  return { session: session.pid ?? 0, injector, label };
}

async function isGone(label: string): Promise<boolean> {
  const filter = `label=faultbook=${label}`;
  return (await docker("ps", "-aq", "--filter", filter)) === "" && (await docker("network", "ls", "-q", "--filter", filter)) === "";
}

test("the session is killed with calls held: its containers and networks are gone within 10 s, then injector and keeper", async (t) => {
  const { session, injector, label } = await busySession(t);
  process.kill(session, "SIGKILL");
  injector.close();
  await eventually("everything is gone", () => isGone(label), 10_000);
  await within(injector.exited, "the injector's end");
  await eventually("the keeper ends", () => !isAlive(injector.keeper));
});

test("the injector is killed, later the session too: its containers and networks are gone within 10 s, then the keeper", async (t) => {
  const { session, injector, label } = await busySession(t);
  injector.child.kill("SIGKILL");
  await injector.exited;
  assert.equal(await isGone(label), false);
  process.kill(session, "SIGKILL");
  await eventually("everything is gone", () => isGone(label), 10_000);
  await eventually("the keeper ends", () => !isAlive(injector.keeper));
});

test("the keeper is killed, later the session too: the next keeper removes its containers within 10 s", async (t) => {
  const { session, injector, label } = await busySession(t);
  process.kill(injector.keeper, "SIGKILL");
  await eventually("another keeper", () => injector.notices.some(({ code }) => code === "KEEPER_REPLACED"));
  process.kill(session, "SIGKILL");
  injector.close();
  await eventually("everything is gone", () => isGone(label), 10_000);
  await within(injector.exited, "the injector's end");
});

test("what other sessions have is left alone", async (t) => {
  const other = await run(t, newLabel(), "setInterval(() => {}, 1000)");
  const { session, injector, label } = await busySession(t);
  process.kill(session, "SIGKILL");
  injector.close();
  await eventually("everything is gone", () => isGone(label), 10_000);
  assert(isAlive(other.target.pid));
  assert.equal(await exec(other, "console.log('here')"), "here");
});
