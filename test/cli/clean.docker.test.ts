import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { connect } from "../../cli/setup/docker.ts";
import { BASE } from "../../cli/setup/images.ts";
import { OWNER_LABEL, ownerLabel, SESSION_LABEL } from "../../kernel/engines/owner.ts";
import { faultbook } from "./faultbook.ts";

const { docker } = connect();

test("what a dead session left is listed, removed with --yes, and a session that runs keeps its things", async (t) => {
  const container = async (name: string, owner: string): Promise<void> => {
    const made = await docker.createContainer({ name, Image: BASE, Labels: { [SESSION_LABEL]: name, [OWNER_LABEL]: owner } });
    t.after(() => made.remove({ force: true }).catch(() => undefined));
  };
  const [dead, alive] = [`faultbook-clean-dead-${process.pid}`, `faultbook-clean-alive-${process.pid}`];
  await container(dead, ownerLabel().replace(/^\d+/, "999999999"));
  await container(alive, ownerLabel());
  const cache = await mkdtemp(join(tmpdir(), "faultbook-clean-"));
  t.after(() => rm(cache, { recursive: true }));
  // A cache of its own, should the rule about running sessions ever fail.
  const env = { ...process.env, XDG_CACHE_HOME: cache };
  const names = async (): Promise<readonly string[]> =>
    (await docker.listContainers({ all: true })).map(({ Names }) => (Names[0] ?? "").slice(1));

  const asked = await faultbook(["clean"], { env });
  assert.equal(asked.status, 1);
  assert.match(asked.stdout, new RegExp(`^container ${dead}$`, "m"));
  assert.match(asked.stdout, new RegExp(`^stays, a session that runs uses it: container ${alive}$`, "m"));
  assert.match(asked.stdout, /^Nothing was removed: nobody is there to be asked/m);
  assert.doesNotMatch(asked.stdout, /^image |^\/.*\/out /m);
  assert.ok((await names()).includes(dead));

  const done = await faultbook(["clean", "--yes"], { env });
  assert.equal(done.status, 0, done.stdout + done.stderr);
  assert.match(done.stdout, new RegExp(`^removed: container ${dead}$`, "m"));
  assert.ok(!(await names()).includes(dead));
  assert.ok((await names()).includes(alive));
});
