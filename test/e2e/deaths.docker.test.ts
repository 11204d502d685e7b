/**
 * Any one of our processes is killed with -9 in the middle of a matrix on the real shop. Nothing of ours may be left, and no
 * call may be held or refused after its death. (`test/injector` proves the same call by call.)
 */
import assert from "node:assert/strict";
import test from "node:test";
import { KernelUnderTest } from "../jupyter/support/client.ts";
import { containerOf, docker, eventually, ours, programs } from "../session/support/docker.ts";
import { cellOf, COURSE, errorText, matricesOf, SessionProcess } from "../session/support/session.ts";

const DECLARED = `
load("${COURSE}../services/shop/topology.star", "api", "db")
def buy():
    return api.post(path = "/orders", body = {"item": "widget", "qty": 1})
slow = fault_assumption("slow", target = db, connect = delay("3s"))
stalled = fault_assumption("stalled", target = db, fsync = delay("2m"))
`;
const SLOW = "fault_matrix(scenarios = [buy], faults = [slow])";
/** The order's commit waits in fdatasync for longer than anybody would: a call that is held when the injector dies. */
const STALLED = "fault_matrix(scenarios = [buy], faults = [stalled])";

async function nothingLeft(): Promise<void> {
  await eventually("containers, networks, injectors and keepers are gone", () => {
    return ours().length === 0 && programs("injector/main.ts").length === 0 && programs("injector/keeper.ts").length === 0;
  });
}

/** Runs the cell and resolves when the first cell of its matrix, after the baseline, is under way. */
function underWay(session: SessionProcess, code: string): { begun: Promise<undefined>; ran: ReturnType<SessionProcess["run"]> } {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  let displays = 0;
  const ran = session.run(code, (output) => {
    if (output.kind === "display" && ++displays >= 2) setTimeout(resolve, 500, undefined);
  });
  ran.catch(() => undefined); // the session may be what is killed
  return { begun: promise, ran };
}

test("the session is killed in a matrix: its containers are gone within ten seconds, and the next session finds nothing", async () => {
  const session = new SessionProcess();
  await session.run(DECLARED);
  const { begun } = underWay(session, SLOW);
  await begun;
  assert.ok(ours().length >= 4, "three containers and a network run");
  session.child.kill("SIGKILL");
  await nothingLeft();
});

test("the protocol process is killed in a matrix: the session lifts everything and goes", async () => {
  await using kernel = await KernelUnderTest.start({ env: { FAULTBOOK_SESSION: "" } });
  const client = await kernel.connect();
  const { reply } = await client.execute(DECLARED);
  assert.equal(reply.content["status"], "ok");
  client.startExecute(SLOW);
  await eventually("the shop runs", () => docker("ps", "-q", "--filter", "label=faultbook.service=api") !== "", 60_000);
  await eventually("the matrix is shown", () => client.published.some((message) => message.type === "display_data"));
  kernel.process.kill("SIGKILL");
  await nothingLeft();
});

test("the injector is killed while it holds a commit: the call passes, the cell is errored and not blamed on the system, the next cell works", async () => {
  const session = new SessionProcess();
  try {
    await session.run(DECLARED);
    const { begun, ran } = underWay(session, STALLED);
    await begun;
    const [injector, ...others] = programs("injector/main.ts");
    assert.ok(injector !== undefined && others.length === 0);
    process.kill(injector, "SIGKILL");
    const [matrix] = matricesOf(await ran);
    assert.ok(matrix !== undefined);
    const cell = cellOf(matrix, "buy", "stalled");
    assert.equal(cell.verdict, "errored");
    assert.match(cell.reason, /injector died/);
    assert.ok(cell.duration_ms < 60_000, "the held commit went on");
    assert.equal(cell.recovery?.outcome, "recovered", cell.recovery?.detail);
    const again = await session.run("scenario(buy)\nfault_matrix(scenarios = [buy], faults = [slow])");
    assert.equal(again.done.status, "ok", errorText(again));
    const [next] = matricesOf(again);
    assert.ok(next !== undefined && cellOf(next, "buy", "slow").hits.some((hit) => hit.fired > 0));
    const write = await session.run(
      'full = fault_assumption("full", target = db, write = deny("ENOSPC"))\nfault_matrix(scenarios = [buy], faults = [full])',
    );
    const [denied] = matricesOf(write);
    assert.ok(
      denied !== undefined && cellOf(denied, "buy", "full").hits.some((hit) => hit.fired > 0),
      "a filter of the dead injector was in the way",
    );
  } finally {
    await session.end();
  }
  await nothingLeft();
});

test("the keeper is killed and then the session: containers are gone all the same", async () => {
  const session = new SessionProcess();
  await session.run(`${DECLARED}\nscenario(buy)`);
  assert.notEqual(containerOf("api"), "");
  const [keeper] = programs("injector/keeper.ts");
  assert.ok(keeper !== undefined);
  process.kill(keeper, "SIGKILL");
  await eventually("there is a new keeper", () => programs("injector/keeper.ts").some((pid) => pid !== keeper));
  session.child.kill("SIGKILL");
  await nothingLeft();
});
