/** Services that can't be started as declared: the cell says what was seen of them, and the next cell works. */
import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { Belongings } from "./support/docker.ts";
import { cellOf, errorText, matricesOf, SessionProcess, textOf } from "./support/session.ts";

let session: SessionProcess;
before(() => {
  session = new SessionProcess();
});
after(() => session.end());

/** A cell that declares one service in JavaScript and asks something of it. */
const asking = (name: string, program: string, healthcheck: string): string => `
${name} = service("${name}", interface("http", "http", 8080), image = "faultbook/node:24", args = ["node", "-e", ${JSON.stringify(program)}], healthcheck = ${healthcheck})
def ask_${name}():
    return ${name}.get(path = "/")
scenario(ask_${name})
`;

test("a health check that never passes ends with its last error and the service's last lines", async () => {
  const ran = await session.run(
    asking(
      "sick",
      "console.log('warming up'); http.createServer((q, r) => r.writeHead(500).end()).listen(8080)",
      'http("/", timeout = "2s")',
    ),
  );
  assert.equal(ran.done.error?.ename, "HEALTHCHECK_TIMEOUT");
  assert.match(errorText(ran), /500/);
  assert.match(errorText(ran), /warming up/);
});

test("a service that dies at start is told with its exit code and its last words, not waited for", async () => {
  const ran = await session.run(asking("dead", "console.error('no DATABASE_URL given'); process.exit(7)", 'http("/", timeout = "60s")'));
  assert.equal(ran.done.error?.ename, "SERVICE_DIED");
  assert.match(errorText(ran), /7/);
  assert.match(errorText(ran), /no DATABASE_URL given/);
});

test("an image that can't be had names the nearest that is there", async () => {
  const ran = await session.run(`
typo = service("typo", interface("http", "http", 80), image = "faultbook/nodes:24")
def ask_typo():
    return typo.get(path = "/")
scenario(ask_typo)`);
  assert.match(ran.done.error?.ename ?? "", /^(IMAGE_NOT_FOUND|REGISTRY_UNREACHABLE)$/);
  assert.match(errorText(ran), /faultbook\/node:24/);
});

test("a build directory that is not there is told with the path that was looked for", async () => {
  const ran = await session.run(`
lost = service("lost", interface("http", "http", 80), build = "../services/nowhere")
def ask_lost():
    return lost.get(path = "/")
scenario(ask_lost)`);
  assert.equal(ran.done.error?.ename, "BUILD_DIRECTORY_NOT_FOUND");
  assert.match(errorText(ran), /services\/nowhere/);
});

test("after all these, a service that works works, and a service declared anew takes the old one's place", async () => {
  const answer = (text: string): string => `http.createServer((q, r) => r.end('${text}')).listen(8080)`;
  const first = await session.run(asking("well", answer("one"), 'http("/")'));
  assert.equal(first.done.status, "ok", errorText(first));
  const second = await session.run(`${asking("well", answer("two"), 'http("/")')}\nprint(ask_well().body)`);
  assert.equal(second.done.status, "ok", errorText(second));
  assert.match(textOf(second), /^two$/m);
});

test("a fault on a service that nobody calls, and a call that can't be failed so, are both bypassed with the reason", async () => {
  const ran = await session.run(`
unused = fault_assumption("unused", target = well, connect = deny("ECONNREFUSED"))
unwritten = fault_assumption("unwritten", target = well, write = deny("ENOSPC"))
fault_matrix(scenarios = [ask_well], faults = [unused, unwritten], default_expect = lambda r: assert_true(r.ok))`);
  const [matrix] = matricesOf(ran);
  assert.ok(matrix !== undefined, errorText(ran));
  assert.equal(cellOf(matrix, "ask_well", "unused").verdict, "bypassed");
  assert.match(cellOf(matrix, "ask_well", "unused").reason, /nobody connects to well/);
  assert.equal(cellOf(matrix, "ask_well", "unwritten").verdict, "bypassed");
  assert.match(cellOf(matrix, "ask_well", "unwritten").reason, /on a socket|no write/);
});

test("a monitor that sees nothing in any baseline is said to watch nothing", async () => {
  const ran = await session.run(`
def complain(event):
    fail("well prints nothing that is observed")
fault_matrix(scenarios = [ask_well], faults = [unwritten], monitors = [monitor(complain, service = "sick")])`);
  const [matrix] = matricesOf(ran);
  assert.ok(matrix !== undefined, errorText(ran));
  assert.deepEqual(cellOf(matrix, "ask_well").notes, ["monitor complain watched 0 events, also without faults"]);
});

test("a thread that is held by a delayed write is said to be held, and an interrupt lets it go on", async () => {
  const logging = "http.createServer((q, r) => { fs.writeFileSync('/tmp/log', 'x'); r.end('ok') }).listen(8080)";
  const begun = await session.run(asking("logger", logging, 'http("/")'));
  assert.equal(begun.done.status, "ok", errorText(begun));
  const held = await session.run(`
slow_disk = fault_assumption("slow_disk", target = logger, write = delay("400ms"))
fault_matrix(scenarios = [ask_logger], faults = [slow_disk])`);
  const [matrix] = matricesOf(held);
  assert.ok(matrix !== undefined, errorText(held));
  const cell = cellOf(matrix, "ask_logger", "slow_disk");
  assert.equal(cell.verdict, "passed", cell.reason);
  assert.ok(cell.duration_ms >= 400, `took ${cell.duration_ms} ms`);
  assert.ok(cell.hits.some((hit) => hit.mechanism === "notify" && hit.fired > 0));
  let interrupted = false;
  const ran = await session.run(
    `
stuck = fault_assumption("stuck", target = logger, write = delay("4m"))
fault_matrix(scenarios = [ask_logger], faults = [stuck])`,
    (output) => {
      if (!interrupted && output.kind === "display" && /ask_logger +│ ✓/.test(JSON.stringify(output.data["text/plain"]))) {
        interrupted = true;
        setTimeout(() => session.send({ type: "interrupt" }), 500);
      }
    },
  );
  assert.equal(ran.done.error?.ename, "KeyboardInterrupt");
  const again = await session.run("r = ask_logger()\nprint(r.status, r.duration_ms < 1500)");
  assert.match(textOf(again), /^200 True$/m);
});

test("shutdown removes every one of them", async () => {
  const own = new Belongings(session.child.pid);
  await session.end();
  await own.gone();
});
