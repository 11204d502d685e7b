/**
 * Any one of our processes is killed with -9 in the middle of a matrix on the real shop. Nothing of ours may be left, and no
 * call may be held or refused after its death. (`test/injector` proves the same call by call.)
 */
import assert from "node:assert/strict";
import test from "node:test";
import type { Output } from "../../kernel/messages.ts";
import { KernelUnderTest } from "../jupyter/support/client.ts";
import { Belongings, childrenOf, eventually } from "../session/support/docker.ts";
import { cellOf, COURSE, errorText, matricesOf, SESSION_MAIN, SessionProcess } from "../session/support/session.ts";
import type { Ran } from "../session/support/session.ts";

const DECLARED = `
load("${COURSE}../services/shop/topology.star", "api", "db")
def buy():
    return api.post(path = "/orders", body = {"item": "widget", "qty": 1})
slow = fault_assumption("slow", target = db, connect = delay("3s"))
stalled = fault_assumption("stalled", target = db, fsync = delay("2m"))
full = fault_assumption("full", target = db, write = deny("ENOSPC"))
`;
const SLOW = "fault_matrix(scenarios = [buy], faults = [slow])";
/** The order's commit waits in fdatasync for longer than anybody would: a call that is held when the injector dies. */
const STALLED = "fault_matrix(scenarios = [buy], faults = [stalled])";
const FULL = "fault_matrix(scenarios = [buy], faults = [full])";

/** A session with the declarations, ended whatever the test does. */
async function withSession(use: (session: SessionProcess, own: Belongings) => Promise<void>): Promise<void> {
  const session = new SessionProcess();
  const own = new Belongings(session.child.pid);
  try {
    await session.run(DECLARED);
    await use(session, own);
  } finally {
    await session.end();
  }
  await own.gone();
}

/** The grid shows the baseline done: the cell with the fault has begun. */
function pastBaseline(output: Output): boolean {
  return output.kind === "display" && /buy +│ ✓/.test(JSON.stringify(output.data["text/plain"]));
}

/** Starts the cell, and resolves when its fault has been at work for a while. */
async function underWay(session: SessionProcess, code: string): Promise<{ readonly ran: Promise<Ran> }> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const ran = session.run(code, (output) => {
    if (pastBaseline(output)) setTimeout(resolve, 500, undefined);
  });
  ran.catch(() => undefined); // the session may be what is killed
  await Promise.race([promise, ran]);
  return { ran };
}

test("the session is killed in a matrix: its containers are gone within ten seconds", async () => {
  await withSession(async (session, own) => {
    await underWay(session, SLOW);
    assert.equal(own.things().length, 4, "three containers and a network");
    session.child.kill("SIGKILL");
    await own.gone();
  });
});

test("the protocol process is killed in a matrix: the session lifts everything and goes", async () => {
  await using kernel = await KernelUnderTest.start({ env: { FAULTBOOK_SESSION: SESSION_MAIN } });
  const client = await kernel.connect();
  const { reply } = await client.execute(`${DECLARED}\nscenario(buy)`);
  assert.equal(reply.content["status"], "ok");
  client.startExecute(SLOW);
  await eventually("the matrix is under way", () => client.published.some((message) => /buy +│ ✓/.test(JSON.stringify(message.content))));
  const [session] = childrenOf(kernel.process.pid);
  const own = new Belongings(session);
  assert.equal(own.things().length, 4, "three containers and a network");
  kernel.process.kill("SIGKILL");
  await own.gone();
});

test("the injector is killed while it holds a commit: the commit goes on, the cell is our error, the next cells work", async () => {
  await withSession(async (session, own) => {
    const { ran } = await underWay(session, STALLED);
    const [injector] = own.injectors();
    assert.ok(injector !== undefined);
    process.kill(injector, "SIGKILL");
    const [matrix] = matricesOf(await ran);
    assert.ok(matrix !== undefined);
    const cell = cellOf(matrix, "buy", "stalled");
    assert.equal(cell.verdict, "errored");
    assert.match(cell.reason, /injector died/);
    assert.equal(cell.recovery?.outcome, "recovered", cell.recovery?.detail);
    for (const code of [SLOW, FULL]) {
      const again = await session.run(code);
      assert.equal(again.done.status, "ok", errorText(again));
      const [next] = matricesOf(again);
      assert.ok(
        next?.cells.some((one) => one.hits.some((hit) => hit.fired > 0)),
        `fires again: ${code}`,
      );
    }
  });
});

test("the keeper is killed and then the session: a new keeper has taken its place", async () => {
  await withSession(async (session, own) => {
    const ran = await session.run("scenario(buy)");
    assert.equal(ran.done.status, "ok", errorText(ran));
    const [keeper] = own.keepers();
    assert.ok(keeper !== undefined);
    process.kill(keeper, "SIGKILL");
    await eventually("there is a new keeper", () => own.keepers().some((pid) => pid !== keeper));
    session.child.kill("SIGKILL");
    await own.gone();
  });
});
