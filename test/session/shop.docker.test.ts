/** The whole way on the real shop: cells, containers, system calls that are really denied, and what the other side saw of it. */
import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { cellOf, errorText, matricesOf, SessionProcess, textOf } from "./support/session.ts";
import type { Ran } from "./support/session.ts";
import { Belongings, docker } from "./support/docker.ts";

const TOPOLOGY = 'load("../services/shop/topology.star", "api", "db", "inventory")';
const FLOWS = `
def buy():
    return api.post(path = "/orders", body = {"item": "widget", "qty": 1})
def alive():
    return api.get(path = "/health")
`;

let session: SessionProcess;
let shop: Belongings;
before(() => {
  session = new SessionProcess();
  shop = new Belongings(session.child.pid);
});
after(() => session.end());

function assertOk(ran: Ran): void {
  assert.equal(ran.done.status, "ok", errorText(ran));
}

test("a scenario starts the services it needs and shows what the user saw, with a picture", async () => {
  assertOk(await session.run(TOPOLOGY));
  const ran = await session.run(`${FLOWS}\nscenario(buy)`);
  assertOk(ran);
  assert.match(textOf(ran), /db, inventory, api ready in|ready in/);
  assert.match(textOf(ran), /buy passed/);
  const last = ran.outputs.at(-1);
  assert.ok(last?.kind === "display" && typeof last.data["image/png"] === "string" && "application/vnd.vegalite.v5+json" in last.data);
});

test("no container publishes a port", () => {
  for (const service of ["db", "inventory", "api"]) assert.equal(docker("port", shop.container(service)), "", service);
});

test("a matrix denies, slows and fills the disk of the live system, and every hit is seen by the other side", async () => {
  const api = shop.container("api");
  const ran = await session.run(`
gone = fault_assumption("gone", target = db, connect = deny("ECONNREFUSED"))
slow = fault_assumption("slow", target = db, connect = delay("3s"))
full = fault_assumption("full", target = db, write = deny("ENOSPC"))
fault_matrix(
    scenarios = [buy, alive],
    faults = [gone, slow, full],
    default_expect = lambda r: assert_true(r.status != 0, "no answer"),
    overrides = {
        (buy, gone): lambda r: assert_eq(r.status, 503),
        (buy, full): lambda r: (
            assert_true(r.status >= 500),
            assert_eventually(type = "syscall", service = "db", decision = "deny*", errno = "ENOSPC"),
        ),
    },
)`);
  assertOk(ran);
  const [matrix] = matricesOf(ran);
  assert.ok(matrix !== undefined && matrix.state === "complete");

  const gone = cellOf(matrix, "buy", "gone");
  assert.equal(gone.verdict, "passed", gone.reason);
  assert.ok(gone.hits.some((hit) => hit.fired > 0));
  // The client saw it: a service's own log has the error of the refused call.
  assert.match(shop.logs("inventory") + shop.logs("api"), /ECONNREFUSED/);

  const slow = cellOf(matrix, "buy", "slow");
  assert.equal(slow.verdict, "passed", slow.reason);
  assert.ok(slow.hits.every((hit) => hit.mechanism === "packets"));
  assert.ok(slow.duration_ms > 2900, `the order took ${slow.duration_ms} ms`);

  const full = cellOf(matrix, "buy", "full");
  assert.equal(full.verdict, "passed", full.reason);
  assert.match(shop.logs("db"), /PANIC.*No space left on device|No space left on device/);
  assert.ok(full.recovery?.outcome === "recovered" || full.recovery?.outcome === "needs a restart", full.recovery?.detail);

  for (const fault of ["gone", "slow", "full"]) {
    const alive = cellOf(matrix, "alive", fault);
    assert.equal(alive.verdict, "bypassed");
    assert.notEqual(alive.reason, "");
  }
  assert.equal(shop.container("api"), api, "the api was never replaced");
  assert.match(textOf(ran), /2 scenarios × 3 faults = 6/);
});

test("a denied fsync stands in Postgres's own log, and the client is told that its commit failed", async () => {
  const ran = await session.run(`
lost = fault_assumption("lost", target = db, fsync = deny("EIO"))
fault_matrix(scenarios = [buy], faults = [lost], default_expect = lambda r: assert_true(r.status >= 500))`);
  assertOk(ran);
  const [matrix] = matricesOf(ran);
  assert.ok(matrix !== undefined);
  const cell = cellOf(matrix, "buy", "lost");
  assert.equal(cell.verdict, "passed", cell.reason);
  assert.ok(cell.hits.some((hit) => hit.fired > 0 && hit.where.some((where) => /fdatasync|fsync/.test(where))));
  assert.match(shop.logs("db"), /PANIC:\s+could not (fdatasync|fsync) file [^\n]*Input\/output error/);
});

test("a slow connect leaves the event loop running: health answers while an order waits for the database", async () => {
  const address = shop.address("api");
  let answered = 0;
  let asking = true;
  const health = (async (): Promise<void> => {
    while (asking) {
      const response = await fetch(`http://${address}:8080/health`, { signal: AbortSignal.timeout(5000) });
      if (response.ok) answered++;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  const ran = await session.run("fault_matrix(scenarios = [buy], faults = [slow])");
  asking = false;
  await health;
  assertOk(ran);
  const [matrix] = matricesOf(ran);
  assert.ok(matrix !== undefined);
  assert.ok(cellOf(matrix, "buy", "slow").duration_ms > 2900);
  // A held loop would have answered none of them in those three seconds.
  assert.ok(answered > 20, `health answered ${answered} times`);
});

test("a monitor that says fail() fails the cell and names the event; the baseline is watched too", async () => {
  const ran = await session.run(`
def none_left(event):
    if event.get("stock") != None and int(event["stock"]) < 100000:
        fail("only %s left" % event["stock"])
fault_matrix(scenarios = [buy], faults = [gone], monitors = [monitor(none_left, service = "inventory")])`);
  assertOk(ran);
  const [matrix] = matricesOf(ran);
  assert.ok(matrix !== undefined);
  const baseline = cellOf(matrix, "buy");
  assert.equal(baseline.verdict, "failed");
  assert.match(baseline.reason, /monitor none_left: only \d+ left \(event \d+, stdout of inventory\)/);
  assert.equal(cellOf(matrix, "buy", "gone").verdict, "not run");
});

test("an interrupt in the middle of a slow cell lifts the fault and keeps services, names and what was found", async () => {
  let interrupted = false;
  const ran = await session.run("fault_matrix(scenarios = [buy], faults = [slow])", (output) => {
    if (interrupted || output.kind !== "display" || !/buy +│ ✓/.test(JSON.stringify(output.data["text/plain"]))) return;
    interrupted = true;
    setTimeout(() => session.send({ type: "interrupt" }), 300);
  });
  assert.equal(ran.done.error?.ename, "KeyboardInterrupt");
  assert.equal(matricesOf(ran)[0]?.state, "interrupted");
  const again = await session.run("r = buy()\nprint(r.status, r.duration_ms < 1500)");
  assertOk(again);
  assert.match(textOf(again), /^200 True$/m, "an order takes its usual time again");
});

test("a caller that dies under a connect fault is told by its name, the fault is lifted, and it is restarted", async () => {
  const ran = await session.run(
    `
def buy_without_inventory():
    r = api.post(path = "/orders", body = {"item": "widget", "qty": 1})
    sleep("1500ms")
    return r
fault_matrix(scenarios = [buy_without_inventory], faults = [gone], default_expect = lambda r: assert_eventually(type = "service_died", service = "inventory"))`,
    (output) => {
      if (output.kind === "display" && /buy_without_inventory +│ ✓/.test(JSON.stringify(output.data["text/plain"]))) kill();
    },
  );
  assertOk(ran);
  const [matrix] = matricesOf(ran);
  assert.ok(matrix !== undefined);
  const cell = cellOf(matrix, "buy_without_inventory", "gone");
  assert.notEqual(cell.verdict, "errored", cell.reason);
  assert.equal(cell.recovery?.outcome, "needs a restart", cell.recovery?.detail);
  assert.match(cell.recovery.detail, /inventory exited with/);
  const again = await session.run("print(buy().status)");
  assert.match(textOf(again), /^200$/m);
});

/** Ends the inventory a little later, once. */
const kill = (() => {
  let done = false;
  return (): void => {
    if (done) return;
    done = true;
    setTimeout(() => docker("kill", shop.container("inventory")), 500);
  };
})();

test("a flow that fails without a fault is no pass", async () => {
  const ran = await session.run(
    'def lost():\n    return api.get(path = "/orders/nowhere/at/all")\ndef refused():\n    r = lost()\n    assert_eq(r.status, 200)\n    return r\nscenario(refused)',
  );
  assertOk(ran);
  assert.match(textOf(ran), /refused failed · expected 200, got 404/);
});

test("a service that dies while nothing looks is restarted for the next cell that needs it", async () => {
  docker("kill", shop.container("inventory"));
  const ran = await session.run("fault_matrix(scenarios = [buy], faults = [gone])");
  assertOk(ran);
  const [matrix] = matricesOf(ran);
  assert.ok(matrix !== undefined);
  assert.equal(cellOf(matrix, "buy").verdict, "passed", cellOf(matrix, "buy").reason);
});

test("after shutdown no container, network, injector or keeper is left", async () => {
  await session.end();
  await shop.gone();
});
