/** What a person sees of a cell that needs no services: results, errors with their place, interrupts. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after, before } from "node:test";
import { errorText, SessionProcess, textOf } from "./support/session.ts";

const TOPOLOGY = `
db = service("db", interface("main", "postgres", 5432), image = "postgres", env = {"POSTGRES_PASSWORD": secret("db")})
api = service("api", interface("http", "http", 8080), image = "api", depends_on = [db])
def create_order():
    return api.post(path = "/orders")
`;

let session: SessionProcess;
before(() => {
  session = new SessionProcess();
});
after(() => session.end());

test("the last expression is the cell's result, and print goes to standard output", async () => {
  const ran = await session.run('print("hello")\n1 + 2');
  assert.deepEqual(ran.outputs, [
    { kind: "stream", name: "stdout", text: "hello\n" },
    { kind: "result", data: { "text/plain": "3" }, metadata: {} },
  ]);
  assert.equal(ran.done.status, "ok");
});

test("names stay for the next cell, those assigned before an error too", async () => {
  const failed = await session.run("kept = 41\nfail('no')\nlost = 1");
  assert.equal(failed.done.status, "error");
  assert.match(textOf(await session.run("kept + 1")), /42/);
  assert.match(errorText(await session.run("lost")), /undefined: lost/);
});

test("a misspelt errno is shown with its cell, line, the line itself and the name that was meant", async () => {
  await session.run(TOPOLOGY);
  const ran = await session.run('x = 1\nbad = fault_assumption("bad",\n    target = db,\n    connect = deny("ECONNREFUSD"),\n)');
  assert.equal(ran.done.error?.ename, "UNKNOWN_ERRNO");
  const shown = errorText(ran);
  assert.match(shown, /Cell In\[\d+\], line 4/);
  assert.match(shown, /connect = deny\("ECONNREFUSD"\)/);
  assert.match(shown, /did you mean "ECONNREFUSED"/);
});

test("a misspelt keyword of a fault names the nearest", async () => {
  const ran = await session.run('fault_assumption("bad", target = db, conect = deny("EIO"))');
  assert.equal(ran.done.error?.ename, "UNKNOWN_KEYWORD");
  assert.match(errorText(ran), /did you mean "connect"/);
});

test("a misspelt service is found out where it is used", async () => {
  assert.match(
    errorText(await session.run('fault_assumption("bad", target = dbb, connect = deny("EIO"))')),
    /undefined: dbb.*did you mean.*db/s,
  );
  const named = await session.run('service("web", image = "web", depends_on = ["aip"])');
  assert.equal(named.done.error?.ename, "UNKNOWN_SERVICE");
  assert.match(errorText(named), /did you mean "api"/);
});

test("a duration without a unit, an empty assumption and a target by name are refused with what to write", async () => {
  assert.match(errorText(await session.run("delay(3)")), /BAD_DURATION.*"3s"/s);
  assert.match(errorText(await session.run('fault_assumption("nothing", target = db)')), /EMPTY_ASSUMPTION.*deny/s);
  assert.match(errorText(await session.run('fault_assumption("x", target = "db", connect = deny("EIO"))')), /Give the service itself/);
});

test("an override for a pair outside the matrix is an error, not silence", async () => {
  const ran = await session.run(`
def other():
    return None
down = fault_assumption("down", target = db, connect = deny("ECONNREFUSED"))
fault_matrix(scenarios = [create_order], faults = [down], overrides = {(other, down): lambda r: None})`);
  assert.equal(ran.done.error?.ename, "OUTSIDE_MATRIX");
  assert.match(errorText(ran), /scenario other is not in this matrix/);
});

test("a filter on a field that no event has is an error that names the nearest", async () => {
  const ran = await session.run('assert_never(decison = "deny*")');
  assert.equal(ran.done.error?.ename, "UNKNOWN_FIELD");
  assert.match(errorText(ran), /did you mean "decision"/);
});

test("an assertion where nothing has run is an error, not a pass", async () => {
  const ran = await session.run('assert_never(type = "syscall", service = "db")');
  assert.equal(ran.done.error?.ename, "NOTHING_RAN");
});

test("a misspelt service, type or errno in a filter or a monitor is an error that names the nearest", async () => {
  assert.match(errorText(await session.run('assert_never(type = "sycall")')), /UNKNOWN_VALUE.*did you mean "syscall"/s);
  assert.match(errorText(await session.run('assert_never(errno = "ENOSPCC")')), /did you mean "ENOSPC"/);
  assert.match(errorText(await session.run('assert_never(service = "ap")')), /UNKNOWN_SERVICE.*did you mean "api"/s);
  assert.match(errorText(await session.run('monitor(lambda e: None, service = "apy")')), /did you mean "api"/);
});

test("two scenarios of one name in a matrix are refused", async () => {
  const ran = await session.run(`
def make(path):
    def visit():
        return api.get(path = path)
    return visit
fault_matrix(scenarios = [make("/a"), make("/b")], faults = [fault_assumption("off", target = db, connect = deny("ECONNREFUSED"))])`);
  assert.equal(ran.done.error?.ename, "DUPLICATE");
});

test("cells load json, math and time, and files fresh each time, with those that they load", async () => {
  const directory = mkdtempSync(join(tmpdir(), "faultbook-load-"));
  try {
    writeFileSync(join(directory, "inner.star"), "value = 1\n");
    writeFileSync(join(directory, "outer.star"), 'load("inner.star", "value")\nanswer = value + 1\n');
    const load = `load("json", "json")\nload("${directory}/outer.star", "answer")\nprint(json.encode({"answer": answer}))`;
    assert.match(textOf(await session.run(load)), /\{"answer":2\}/);
    writeFileSync(join(directory, "inner.star"), "value = 41\n");
    assert.match(textOf(await session.run(load)), /\{"answer":42\}/);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("many short checks in a row can be interrupted", async () => {
  const ran = await session.run('print("begun")\nfor i in range(100000000):\n    len("x")', () => session.send({ type: "interrupt" }));
  assert.equal(ran.done.error?.ename, "KeyboardInterrupt");
});

test("declaring a fault says which connections it cuts", async () => {
  assert.match(
    textOf(await session.run('gone = fault_assumption("gone", target = db, connect = deny("ECONNREFUSED"))')),
    /gone: connect api → db → deny\(connection refused\)/,
  );
});

test("declaring again says what is replaced", async () => {
  assert.match(
    textOf(await session.run('gone = fault_assumption("gone", target = db, write = deny("EIO"))')),
    /fault assumption gone replaces the one of Cell In\[\d+\]/,
  );
});

test("a secret is never shown, neither alone nor within a URL", async () => {
  const shown = textOf(await session.run('print(secret("db"))\n"postgres://u:" + secret("db") + "@db/x"'));
  assert.doesNotMatch(shown, /[0-9a-f]{24}/);
  assert.match(shown, /•••/);
});

test("a syntax error is shown with its line and a caret", async () => {
  const ran = await session.run("x = 1\ny = = 2");
  assert.equal(ran.done.error?.ename, "SyntaxError");
  assert.match(errorText(ran), /line 2.*\n.*y = = 2\n\s+\^/s);
});

test("all unknown names of a cell are reported at once", async () => {
  const shown = errorText(await session.run("a1 = nope1\nb1 = nope2"));
  assert.match(shown, /nope1/);
  assert.match(shown, /nope2/);
});

test("a busy loop is interrupted, ends as KeyboardInterrupt, and the session goes on", async () => {
  const running = session.run('print("begun")\nfor i in range(1000000000):\n    x = i', () => session.send({ type: "interrupt" }));
  const ran = await running;
  assert.equal(ran.done.error?.ename, "KeyboardInterrupt");
  assert.match(textOf(await session.run("6 * 7")), /42/);
});

test("a sleep is interrupted", async () => {
  const ran = await session.run('print("begun")\nsleep("5m")', () => session.send({ type: "interrupt" }));
  assert.equal(ran.done.error?.ename, "KeyboardInterrupt");
});

test("an engine that can't be reached is told as such, with what to do, and the next cell works", async () => {
  const elsewhere = new SessionProcess(undefined, { DOCKER_HOST: "unix:///nonexistent/docker.sock" });
  try {
    const ran = await elsewhere.run(`${TOPOLOGY}\nscenario(create_order)`);
    assert.match(ran.done.error?.ename ?? "", /^DOCKER_/);
    assert.match(textOf(await elsewhere.run("1 + 1")), /2/);
  } finally {
    await elsewhere.end();
  }
});

test("load of a missing file says where it was looked for", async () => {
  assert.match(errorText(await session.run('load("nowhere.star", "x")')), /LOAD_FAILED.*nowhere\.star/s);
});
