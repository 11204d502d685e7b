/** Any one of session, injector and keeper may be killed with -9, calls held or not: every call passes. Needs root. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { test } from "node:test";
import type { Subject } from "./harness.ts";
import {
  eventually,
  holdsListener,
  InjectorProcess,
  isAlive,
  isHeldInFsync,
  Refusal,
  rule,
  startInjector,
  startPython,
} from "./harness.ts";

const HOUR_MS = 3_600_000;

/** A process whose writes are denied, and which hangs in an fsync that is held for an hour. */
async function heldSubject(t: TestContext, injector: InjectorProcess): Promise<Subject> {
  const directory = mkdtempSync(join(tmpdir(), "faultbook-keeper-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const subject = await startPython(t, `f = os.open(${JSON.stringify(join(directory, "file"))}, os.O_RDWR | os.O_CREAT)`);
  const rules = [
    rule({ keyword: "write", action: { kind: "deny", errno: "ENOSPC" } }),
    rule({ keyword: "fsync", action: { kind: "delay", ms: HOUR_MS } }),
  ];
  await injector.arm(rules, subject.target);
  assert.equal(await subject.ask('os.write(f, b"x")'), "ENOSPC");
  subject.child.stdin?.write("os.fsync(f)\n");
  await eventually("the call is held", () => isHeldInFsync(subject.pid));
  return subject;
}

async function passes(subject: Subject): Promise<void> {
  assert.equal(await subject.next(), "None", "the held call went on");
  assert.equal(await subject.ask('os.write(f, b"x")'), "1");
  assert.equal(await subject.ask("os.fsync(f)"), "None");
}

test("the injector is killed: the held call and all later ones pass, and the keeper ends with the session", async (t) => {
  const session = spawn("sleep", ["1000"], { stdio: "ignore" });
  t.after(() => session.kill("SIGKILL"));
  const injector = new InjectorProcess();
  await injector.begin("test", null, session.pid);
  const subject = await heldSubject(t, injector);
  injector.child.kill("SIGKILL");
  await passes(subject);
  assert(isAlive(injector.keeper));
  session.kill("SIGKILL");
  await passesStill(subject);
  assert(isAlive(injector.keeper), "the keeper stays while a process is under a filter");
  subject.child.kill("SIGKILL");
  await eventually("the keeper ends", () => !isAlive(injector.keeper));
});

async function passesStill(subject: Subject): Promise<void> {
  for (let i = 0; i < 20; i++) assert.equal(await subject.ask('os.write(f, b"x")'), "1");
}

test("the keeper is killed: rules stay in force, another keeper is there, and it survives the injector", async (t) => {
  const injector = await startInjector(t);
  const subject = await heldSubject(t, injector);
  process.kill(injector.keeper, "SIGKILL");
  const notice = await eventually("a notice", () => injector.notices.find(({ code }) => code === "KEEPER_REPLACED"));
  const keeper = Number(/process (\d+)/.exec(notice.message)?.[1]);
  assert(isAlive(keeper));
  await eventually("it has the listener", () => holdsListener(keeper));
  assert(isHeldInFsync(subject.pid), "the call is held still");
  injector.child.kill("SIGKILL");
  await passes(subject);
});

test("the session is killed: the held call and all later ones pass, and injector and keeper end with the last process", async (t) => {
  const session = spawn("sleep", ["1000"], { stdio: "ignore" });
  t.after(() => session.kill("SIGKILL"));
  const injector = new InjectorProcess();
  t.after(() => injector.child.kill("SIGKILL"));
  await injector.begin("test", null, session.pid);
  const subject = await heldSubject(t, injector);
  session.kill("SIGKILL");
  injector.close(); // as the kernel does with the dead session's end of the pipe
  await passes(subject);
  assert(isAlive(injector.pid));
  subject.child.kill("SIGKILL");
  await injector.exited;
  await eventually("the keeper ends", () => !isAlive(injector.keeper));
});

test("the session is killed while something else keeps its pipe open: the keeper tells the injector", async (t) => {
  const session = spawn("sleep", ["1000"], { stdio: "ignore" });
  t.after(() => session.kill("SIGKILL"));
  const injector = new InjectorProcess();
  t.after(() => injector.child.kill("SIGKILL"));
  await injector.begin("test", null, session.pid);
  const subject = await heldSubject(t, injector);
  session.kill("SIGKILL");
  await passes(subject);
  const arming = injector.arm([rule({ keyword: "write", action: { kind: "delay", ms: HOUR_MS } })], subject.target);
  await assert.rejects(arming, (error) => error instanceof Refusal && error.code === "SESSION_GONE");
  assert.equal(await subject.ask('os.write(f, b"x")'), "1");
});

test("a session that ends in order takes injector and keeper along at once when nothing is under a filter", async () => {
  const injector = await new InjectorProcess().begin();
  assert(isAlive(injector.keeper));
  injector.close();
  await injector.exited;
  assert.equal(injector.child.exitCode, 0);
  await eventually("the keeper ends", () => !isAlive(injector.keeper));
});

test("a session that is killed while it arms leaves nothing armed", async (t) => {
  for (let round = 0; round < 5; round++) {
    const injector = await new InjectorProcess().begin();
    const subject = await startPython(t, "children = busyChildren(3)");
    const rules = Array.from({ length: 10 }, () => rule({ keyword: "write", action: { kind: "delay", ms: HOUR_MS } }));
    const arming = injector.arm(rules, subject.target).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 5 * round));
    injector.close();
    await arming;
    assert.equal(await subject.ask("1 + 1"), "2");
    assert.equal(await subject.ask("advancing(children)"), "True");
    await subject.ask("end(children)");
    subject.child.kill("SIGKILL");
    await injector.exited;
  }
});

/** Waits without letting anything else happen here, since what is waited for is over in a millisecond. */
function spin(until: () => boolean, wait_ms: number): void {
  const end_ms = performance.now() + wait_ms;
  while (!until() && performance.now() < end_ms);
}

function isTraced(pid: number): boolean {
  return !/^TracerPid:\t0$/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
}

test("the injector is killed while it changes a thread of a process: none hangs, fails or dies", async (t) => {
  for (let round = 0; round < 12; round++) {
    const session = spawn("sleep", ["1000"], { stdio: "ignore" });
    const injector = new InjectorProcess();
    await injector.begin("test", null, session.pid);
    const subject = await startPython(t, `children = busyChildren(2)`);
    const arming = injector.arm([rule({ keyword: "fsync", action: { kind: "delay", ms: 1 } })], subject.target).catch(() => undefined);
    spin(() => isTraced(subject.pid), 2000);
    spin(() => false, round * 0.1);
    injector.child.kill("SIGKILL");
    await arming;
    assert.equal(await subject.ask("os.write(null, b'x')"), "1");
    assert.equal(await subject.ask("advancing(children)"), "True");
    await subject.ask("end(children)");
    subject.child.kill("SIGKILL");
    session.kill("SIGKILL");
    await eventually("the keeper ends", () => !isAlive(injector.keeper));
  }
});

test("without privilege a session can begin, and arming says what is missing", async (t) => {
  const subject = await startPython(t);
  const injector = new InjectorProcess(["setpriv", "--bounding-set=-all", "--inh-caps=-all"]);
  t.after(() => injector.child.kill("SIGKILL"));
  await injector.begin();
  assert(isAlive(injector.keeper));
  const arming = injector.arm([rule({ keyword: "fsync", action: { kind: "delay", ms: 1 } })], subject.target);
  await assert.rejects(arming, (error) => error instanceof Refusal && error.code === "NOT_PERMITTED" && /root/.test(error.hint));
  injector.close();
  await injector.exited;
});
