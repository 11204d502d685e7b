import assert from "node:assert/strict";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { connect } from "../../../cli/setup/docker.ts";
import { buildImage, IMAGES, makeImages, POSTGRES, recipeOf } from "../../../cli/setup/images.ts";
import type { Step } from "../../../cli/setup/progress.ts";
import { Problem } from "../../../model/problem.ts";
import { inContainer } from "../container.ts";

const { docker } = connect();
const never = (): AbortSignal => AbortSignal.timeout(120_000);

function listening(): { readonly step: Step; readonly said: string[] } {
  const said: string[] = [];
  return { said, step: { doing: (text) => said.push(text), done: () => undefined, failed: () => undefined } };
}

test("a second run makes nothing: every image carries its recipe's checksum", async () => {
  await makeImages(docker, listening().step, never());
  const before = await Promise.all(IMAGES.map(async (image) => (await docker.getImage(image).inspect()).Id));
  const { step, said } = listening();
  await makeImages(docker, step, never());
  assert.deepEqual(said, []);
  assert.deepEqual(await Promise.all(IMAGES.map(async (image) => (await docker.getImage(image).inspect()).Id)), before);
  for (const image of IMAGES) assert.match((await recipeOf(docker, image)) ?? "", /^[0-9a-f]{16}$/);
  assert.equal(await recipeOf(docker, "faultbook/no-such:1"), undefined);
});

test("a build that fails shows what the builder said last", async () => {
  const files = [{ name: "Dockerfile", content: Buffer.from("FROM faultbook/base:12\nRUN echo 'before the end' && exit 3\n") }];
  await assert.rejects(buildImage(docker, "faultbook/test-broken:1", files, "none", never()), (error) => {
    assert.ok(error instanceof Problem);
    assert.equal(error.code, "IMAGE_NOT_BUILT");
    assert.match(error.message, /returned a non-zero code: 3/);
    assert.match(error.message, / {4}before the end/);
    return true;
  });
  assert.equal(await recipeOf(docker, "faultbook/test-broken:1"), undefined);
});

async function postgres(t: TestContext, env: readonly string[]) {
  const container = await docker.createContainer({ Image: POSTGRES, Env: [...env], Labels: { "faultbook.test": "postgres" } });
  t.after(() => container.remove({ force: true }));
  await container.start();
  const query = (password: string, sql: string): Promise<string> =>
    inContainer(container, ["psql", "-h", "127.0.0.1", "-U", "postgres", "-Atc", sql], [`PGPASSWORD=${password}`]);
  return { container, query };
}

/** Asks until the server takes connections. */
async function answer(query: () => Promise<string>): Promise<string> {
  for (const end_ms = Date.now() + 30_000; ;) {
    const said = await query();
    if (!/Connection refused|starting up/.test(said) || Date.now() > end_ms) return said;
  }
}

test("Postgres takes its password at start, quotes and all, and keeps data over a restart with another one", async (t) => {
  const { container, query } = await postgres(t, ["POSTGRES_PASSWORD=it's $(a) \\ secret"]);
  assert.equal(await answer(() => query("it's $(a) \\ secret", "select 41 + 1")), "42\n");
  assert.match(await query("another", "select 1"), /password authentication failed/);
  await query("it's $(a) \\ secret", "create table kept as select 7 as x");
  await container.stop();
  await container.start();
  assert.equal(await answer(() => query("it's $(a) \\ secret", "select x from kept")), "7\n");
});

test("Postgres without a password says what is missing and ends with 1", async (t) => {
  const { container } = await postgres(t, []);
  const { StatusCode } = (await container.wait()) as { readonly StatusCode: number };
  assert.equal(StatusCode, 1);
  assert.match((await container.logs({ stdout: true, stderr: true })).toString(), /POSTGRES_PASSWORD is not set/);
});
