/** The shop does what its README says, and has the weaknesses that it lists: each is provoked without any fault injection. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type Docker from "dockerode";
import { connect } from "../../cli/setup/docker.ts";
import { NO_STEP } from "../../cli/setup/progress.ts";
import { fetchServicePackages } from "../../cli/setup/services.ts";
import type { DockerEngine } from "../../kernel/engines/docker.ts";
import { connectDocker } from "../../kernel/engines/docker.ts";
import type { Service } from "../../model/declaration.ts";
import { inContainer } from "../cli/container.ts";
import { ROOT } from "../cli/faultbook.ts";

const SHOP = join(ROOT, "notebooks", "services", "shop");
const PASSWORD = "only for this test";

let engine: DockerEngine;
let db: Docker.Container;
let api: string;
let apiContainer: Docker.Container;

function service(name: string, env: Readonly<Record<string, string>>, protocol = "http", port = 8080): Service {
  return {
    name,
    interfaces: [{ name: "main", protocol, port }],
    source: { kind: "build", directory: join(SHOP, name) },
    dependsOn: [],
    env,
    args: [],
    healthcheck: protocol === "http" ? { kind: "http", path: "/health", timeout_ms: 30_000 } : { kind: "ready", timeout_ms: 30_000 },
    observe: [],
  };
}

before(
  async () => {
    await fetchServicePackages(NO_STEP, AbortSignal.timeout(120_000));
    engine = await connectDocker(`shop-test-${process.pid}`);
    const start = (one: Service) => engine.start(one, () => undefined, AbortSignal.timeout(120_000));
    const url = { DATABASE_URL: `postgres://postgres:${encodeURIComponent(PASSWORD)}@db:5432/postgres` };
    const { docker } = connect();
    db = docker.getContainer((await start(service("db", { POSTGRES_PASSWORD: PASSWORD }, "postgres", 5432))).id);
    await start(service("inventory", url));
    const running = await start(service("api", { ...url, INVENTORY_URL: "http://inventory:8080" }));
    apiContainer = docker.getContainer(running.id);
    api = `http://${running.addresses[0] ?? ""}:8080`;
    const well = (): Promise<boolean> =>
      order("unicorn").then(
        ({ status }) => status === 404,
        () => false,
      );
    await eventually("the shop is well", well);
  },
  { timeout: 180_000 },
);

after(() => engine.removeAll());

async function request(method: string, path: string, body?: object, limit_ms = 20_000): Promise<{ status: number; text: string }> {
  const answer = await fetch(`${api}${path}`, {
    method,
    signal: AbortSignal.timeout(limit_ms),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, text: await answer.text() };
}

const order = (item = "widget", qty = 1) => request("POST", "/orders", { item, qty });
const sql = async (text: string): Promise<string> => (await inContainer(db, ["psql", "-U", "postgres", "-Atc", text])).trim();
const stock = async (item = "widget"): Promise<number> => Number(await sql(`select amount from stock where item = '${item}'`));
const orders = async (): Promise<number> => Number(await sql("select count(*) from orders"));

/** Until the condition holds; what happens afterwards in the shop has no other sign. */
async function eventually(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const end_ms = Date.now() + 20_000; !(await holds());) {
    if (Date.now() > end_ms) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test("an order takes stock, is listed, and bad ones are refused in JSON", async () => {
  const before_amount = await stock();
  const made = await order("widget", 2);
  assert.equal(made.status, 200, made.text);
  assert.equal(await stock(), before_amount - 2);
  assert.match((await request("GET", "/orders")).text, /^\[{"id":1,"item":"widget","qty":2}\]$/);
  assert.equal((await order("widget", 0)).status, 400);
  assert.equal((await order("unicorn")).status, 404);
  assert.deepEqual(await order("gadget", 4), { status: 409, text: '{"error":"out of stock: gadget"}' });
});

test("without a database, orders are answered 503 with its name, and health is well", async () => {
  // Nothing listens at the port any more, while the name is still known: as if the server had crashed.
  await sql("alter system set port = 5433");
  await db.restart();
  try {
    const failed = await order();
    assert.equal(failed.status, 503);
    assert.match(failed.text, /^{"error":"database: connect ECONNREFUSED /);
    assert.deepEqual(await request("GET", "/health"), { status: 200, text: '{"status":"ok"}' });
  } finally {
    await inContainer(db, ["psql", "-U", "postgres", "-p", "5433", "-c", "alter system reset port"]);
    await db.restart();
    await eventually("the shop is well again", async () => (await order()).status === 200);
  }
});

test("weakness 1: what was reserved for an order that can't be written is never given back", async () => {
  const amount = await stock();
  await sql("alter table orders rename to elsewhere");
  assert.equal((await order()).status, 503);
  await sql("alter table elsewhere rename to orders");
  assert.equal(await stock(), amount - 1);
});

test("weakness 2: a reservation that takes longer than two seconds is made twice for one order", async () => {
  const [amount, count] = [await stock(), await orders()];
  await db.pause();
  const pending = order();
  await eventually("the api tries again", async () => /attempt 1/.test((await apiContainer.logs({ stdout: true, tail: 3 })).toString()));
  await db.unpause();
  assert.equal((await pending).status, 200);
  await eventually("both are made", async () => (await stock()) === amount - 2);
  assert.equal(await orders(), count + 1);
});

test("weakness 3: an order that was answered 504 is written afterwards", async () => {
  const count = await orders();
  const locked = inContainer(db, ["psql", "-U", "postgres", "-c", "begin; lock table orders; select pg_sleep(6); commit"]);
  await eventually(
    "the table is locked",
    async () =>
      (await sql("select count(*) from pg_locks where mode = 'AccessExclusiveLock' and granted and relation = 'orders'::regclass")) === "1",
  );
  assert.deepEqual(await order(), { status: 504, text: '{"error":"no result within 4 s"}' });
  await locked;
  await eventually("the order appears", async () => (await orders()) === count + 1);
});

test("weakness 4: while the database accepts and doesn't answer, a list hangs, and health doesn't", async () => {
  await db.pause();
  try {
    await assert.rejects(request("GET", "/orders", undefined, 6000), { name: "TimeoutError" });
    assert.equal((await request("GET", "/health")).status, 200);
  } finally {
    await db.unpause();
  }
});

test("weakness 5: orders at the same time sell more than there is", async () => {
  await sql("update stock set amount = 3 where item = 'gadget'");
  // Without it a race could be lost by chance: each reservation reads before any writes.
  await sql("create function linger() returns trigger language plpgsql as 'begin perform pg_sleep(0.3); return new; end'");
  await sql("create trigger linger before update on stock for each row execute function linger()");
  try {
    const answers = await Promise.all(Array.from({ length: 6 }, () => order("gadget")));
    assert.ok(answers.filter(({ status }) => status === 200).length > 3, JSON.stringify(answers));
    assert.ok((await stock("gadget")) < 0);
  } finally {
    await sql("drop trigger linger on stock; drop function linger");
  }
});

test("SIGTERM ends a service at once and with 0", async () => {
  await apiContainer.stop({ t: 20 });
  const { State } = await apiContainer.inspect();
  assert.equal(State.ExitCode, 0);
});
