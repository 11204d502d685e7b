import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { engineFor, NODE_IMAGE, sessionName, soon } from "./world.ts";

/** Containers and networks of a session, by name. */
function ours(session: string): readonly string[] {
  const filter = `label=faultbook=${session}`;
  const containers = execFileSync("docker", ["ps", "-a", "--filter", filter, "--format", "{{.Names}}"], { encoding: "utf8" });
  const networks = execFileSync("docker", ["network", "ls", "--filter", filter, "--format", "{{.Name}}"], { encoding: "utf8" });
  return `${containers}${networks}`.split("\n").filter((line) => line !== "");
}

/** Another process with a session of its own, in which one service runs. */
async function otherSession(t: TestContext, session: string): Promise<ChildProcess> {
  const world = JSON.stringify(join(import.meta.dirname, "world.ts"));
  const docker = JSON.stringify(join(import.meta.dirname, "../../kernel/engines/docker.ts"));
  const program = `
    import { connectDocker } from ${docker};
    import { nodeService, silent, soon } from ${world};
    const engine = await connectDocker(${JSON.stringify(session)});
    await engine.start(nodeService("left", "setInterval(() => {}, 1000)"), silent, soon());
    console.log("up"); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => child.kill("SIGKILL"));
  await Promise.race([
    once(child.stdout, "data", { signal: soon() }),
    once(child, "exit").then(() => Promise.reject(new Error("the other session ended"))),
  ]);
  return child;
}

test("a sweep removes what a killed session left, and nothing of a live one", async (t) => {
  const [dead, alive] = [sessionName(), sessionName()];
  const engine = await engineFor(t);
  const [deadEngine, aliveEngine] = [await engineFor(t, dead), await engineFor(t, alive)];
  t.after(() => Promise.all([deadEngine.removeAll(), aliveEngine.removeAll()]));
  const child = await otherSession(t, dead);
  await otherSession(t, alive);

  const expected = [`faultbook-${dead}-left`, `faultbook-${dead}`];
  await engine.sweep();
  assert.deepEqual(ours(dead), expected, "its owner lives still");
  child.kill("SIGKILL");
  await once(child, "exit");
  const removed = await engine.sweep();
  assert.deepEqual(
    removed.filter((name) => name.includes(dead)),
    expected,
  );
  assert.deepEqual(ours(dead), []);
  assert.deepEqual(ours(alive), [`faultbook-${alive}-left`, `faultbook-${alive}`]);
});

/** A container with labels as a session would give it. */
function labelled(t: TestContext, session: string, owner: string, ...how: readonly string[]): void {
  const labels = ["--label", `faultbook=${session}`, "--label", `faultbook.owner=${owner}`];
  const id = execFileSync("docker", [...how, ...labels, NODE_IMAGE, "node", "-e", "setInterval(() => {}, 1000)"], {
    encoding: "utf8",
  }).trim();
  t.after(() => {
    if (ours(session).length > 0) execFileSync("docker", ["rm", "-f", id]);
  });
}

test("what another boot left is removed once none of it runs, since ours never start by themselves", async (t) => {
  const [stopped, running, strange] = [sessionName(), sessionName(), sessionName()];
  const engine = await engineFor(t);
  labelled(t, stopped, "1:2:another-boot:3", "create");
  labelled(t, running, "1:2:another-boot:3", "run", "-d");
  labelled(t, strange, "not an owner", "create");
  await engine.sweep();
  assert.deepEqual(ours(stopped), []);
  assert.equal(ours(running).length, 1, "another machine may be using it");
  assert.equal(ours(strange).length, 1, "whose it is can't be told");
});
