import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import type { CallReport, Target } from "../../injector/messages.ts";
import { packets } from "../../injector/mechanisms/packets.ts";
import type { Rule } from "../../model/rule.ts";
import type { Talker } from "./stage.ts";
import { Stage, within, withoutCapabilities } from "./stage.ts";

/** Longer than any test waits: a connect that succeeds was let through. */
const HOURS_MS = 3_600_000;
/** Ticks of 10 ms: far fewer than a second has, and far more than an event loop has that is held for all of it. */
const MANY_TICKS = 30;

let stage: Stage;
let client: Talker;
let target: Target;
let port: number;
let reports: CallReport[];

const report = (call: CallReport) => reports.push(call);

beforeEach(async () => {
  stage = new Stage();
  reports = [];
  client = stage.talker(stage.cgroup());
  port = (await stage.talker().ask({ do: "listen", host: "::" })).port;
  await client.ask({ do: "listen", host: "127.0.0.1" }); // it has reached its cgroup
  target = { service: "api", pid: client.pid, addresses: ["127.0.0.1"] };
});

afterEach(() => stage.leave());

function slow(ms: number, more: Partial<Rule> = {}): Rule {
  const to = [{ service: "db", addresses: ["127.0.0.1"], port }];
  return {
    id: `r${ms}`,
    fault: "db_slow",
    service: "api",
    keyword: "connect",
    action: { kind: "delay", ms },
    to,
    established: "keep",
    ...more,
  };
}

async function arm(rule: Rule) {
  assert.equal(packets.carries(rule, target), true);
  const armed = await packets.arm(rule, target, [], report);
  stage.later(() => armed.close());
  return armed;
}

const connect = (host = "127.0.0.1", timeout_ms = 20_000, localPort?: number) =>
  client.ask({ do: "connect", host, port, timeout_ms, ...(localPort === undefined ? {} : { localPort }) });

test("the probe really attaches a filter, and says with what", () => {
  assert.equal(packets.probe().available, true);
  assert.match(packets.probe().detail, /eBPF on packets of cgroup v2, Linux \d/);
});

test("without the privilege, the probe says what is missing, and of which kernel", () => {
  const module = new URL("../../injector/mechanisms/packets.ts", import.meta.url).href;
  const answer = withoutCapabilities(`import { packets } from ${JSON.stringify(module)}; console.log(JSON.stringify(packets.probe()))`);
  assert.match(answer, /"available":false.*EPERM: eBPF on cgroups needs CAP_BPF.*Linux \d/);
});

for (const host of ["127.0.0.1", "::ffff:127.0.0.1"]) {
  test(`a connect to ${host} is slow while its event loop keeps ticking, and the report says what passed`, async () => {
    const armed = await arm(slow(1500));
    const answer = await connect(host);
    assert.equal(answer.outcome, "connected");
    assert.ok(answer.ticks > MANY_TICKS, `${answer.ticks} ticks`);
    assert.deepEqual(armed.counts(), { rule: "r1500", fired: 1, passed: {} });
    const [call, ...others] = reports;
    assert.deepEqual(others, []);
    assert.ok(call?.ended_ms !== undefined);
    assert.ok(call.ended_ms - call.time_ms >= 1500);
    assert.ok(Math.abs(Date.now() - call.ended_ms) < 10_000, "epoch milliseconds");
    assert.deepEqual(call, {
      time_ms: call.time_ms,
      ended_ms: call.ended_ms,
      report: "call",
      rule: "r1500",
      service: "api",
      syscall: "connect",
      to: { service: "db", address: "127.0.0.1", port },
      serving: [],
      dropped: 1, // with the usual repetition after a second it would be 2
    });
  });
}

test("the client's own shorter time-out fires, and the attempt is reported without an end when the rule goes", async () => {
  const armed = await arm(slow(HOURS_MS));
  assert.equal((await connect("127.0.0.1", 3500)).outcome, "gave up");
  assert.equal(armed.counts().fired, 1);
  assert.equal(reports.length, 0);
  await armed.close();
  assert.equal(reports.length, 1);
  assert.equal(reports[0]?.ended_ms, undefined);
  assert.equal(reports[0]?.dropped, 4); // one a second, as when the network loses them
});

test("a connect in progress succeeds when the rule is lifted, and a new one at once", async () => {
  const armed = await arm(slow(HOURS_MS));
  const waiting = connect();
  await until(() => armed.counts().fired === 1);
  await armed.close();
  assert.equal((await waiting).outcome, "connected");
  const { outcome, ticks } = await connect();
  assert.equal(outcome, "connected");
  assert.ok(ticks < MANY_TICKS, `${ticks} ticks`);
  assert.equal(armed.counts().fired, 1);
});

test("a later attempt from the same source port is slowed as if it were the first", async () => {
  const localPort = 10_000 + (process.pid % 20_000); // below the range that the kernel gives out by itself
  const armed = await arm(slow(2500));
  assert.equal((await connect("127.0.0.1", 1500, localPort)).outcome, "gave up");
  assert.equal((await connect("127.0.0.1", 1500, localPort)).outcome, "gave up");
  assert.equal((await connect("127.0.0.1", 20_000, localPort)).outcome, "connected");
  assert.equal(armed.counts().fired, 3);
  const ended = reports.filter(({ ended_ms }) => ended_ms !== undefined);
  assert.equal(ended.length, 1);
  assert.ok((ended[0]?.ended_ms ?? 0) - (ended[0]?.time_ms ?? 0) >= 2500);
});

test("two delays on one endpoint add up, each is counted and reported, and one that goes takes only its own time along", async () => {
  const first = await arm(slow(700));
  const second = await arm(slow(800));
  await connect();
  assert.deepEqual([first.counts().fired, second.counts().fired], [1, 1]);
  assert.deepEqual(reports.map(({ rule }) => rule).sort(), ["r700", "r800"]);
  for (const { time_ms, ended_ms } of reports) assert.ok((ended_ms ?? 0) - time_ms >= 1500);

  reports.length = 0;
  const long = await arm(slow(HOURS_MS));
  const waiting = connect();
  await until(() => long.counts().fired === 1);
  await long.close();
  assert.equal((await waiting).outcome, "connected");
  assert.equal(second.counts().fired, 2);
  assert.deepEqual(
    reports.map(({ rule, ended_ms }) => [rule, ended_ms !== undefined && reports.every(({ time_ms }) => ended_ms - time_ms >= 1500)]),
    [
      [`r${HOURS_MS}`, false],
      ["r700", true],
      ["r800", true],
    ],
  );
});

test("a rule that comes while an attempt waits does not lengthen it", async () => {
  const first = await arm(slow(500));
  const waiting = connect();
  await until(() => first.counts().fired === 1);
  const second = await arm(slow(HOURS_MS));
  assert.equal((await waiting).outcome, "connected");
  assert.deepEqual([first.counts().fired, second.counts().fired], [1, 0]);
});

test("each endpoint has its own time, and others none", async () => {
  const other = (await stage.talker().ask({ do: "listen", host: "127.0.0.1" })).port;
  const blocked = await arm(slow(HOURS_MS));
  const slowed = await arm(slow(100, { to: [{ service: "cache", addresses: ["127.0.0.2"], port }] }));
  assert.equal((await connect("127.0.0.2")).outcome, "connected");
  assert.equal((await client.ask({ do: "connect", host: "127.0.0.1", port: other, timeout_ms: 20_000 })).outcome, "connected");
  assert.deepEqual([blocked.counts().fired, slowed.counts().fired], [0, 1]);
  await blocked.close(); // the other rule keeps the filter attached
  const { outcome, ticks } = await connect();
  assert.equal(outcome, "connected");
  assert.ok(ticks < MANY_TICKS, `${ticks} ticks`);
  assert.equal(slowed.counts().fired, 1);
  assert.deepEqual(reports[0]?.to, { service: "cache", address: "127.0.0.2", port });
});

test("a container's connects to another are slowed, and only those", async () => {
  const [from, db, other] = await Promise.all([stage.container(), stage.container(), stage.container()]);
  const at = async ({ talker, address }: typeof db) => ({
    host: address,
    port: (await talker.ask({ do: "listen", host: "0.0.0.0" })).port,
  });
  const [slowEnd, fastEnd] = [await at(db), await at(other)];
  target = { service: "api", pid: from.pid, addresses: [from.address] };
  const rule = slow(HOURS_MS, { to: [{ service: "db", addresses: [slowEnd.host], port: slowEnd.port }] });
  const armed = await arm(rule);
  assert.equal((await from.talker.ask({ do: "connect", ...slowEnd, timeout_ms: 1500 })).outcome, "gave up");
  assert.equal((await from.talker.ask({ do: "connect", ...fastEnd, timeout_ms: 20_000 })).outcome, "connected");
  assert.equal((await other.talker.ask({ do: "connect", ...slowEnd, timeout_ms: 20_000 })).outcome, "connected");
  assert.equal(armed.counts().fired, 1);
  await armed.close();
  assert.equal((await from.talker.ask({ do: "connect", ...slowEnd, timeout_ms: 20_000 })).outcome, "connected");
});

test("a process outside of the cgroup connects as ever", async () => {
  await arm(slow(HOURS_MS));
  const { outcome } = await stage.talker().ask({ do: "connect", host: "127.0.0.1", port, timeout_ms: 20_000 });
  assert.equal(outcome, "connected");
});

test("when the process that armed a rule is killed, connects pass", async () => {
  const holder = spawn(process.execPath, [join(import.meta.dirname, "holder.ts"), JSON.stringify({ rule: slow(HOURS_MS), target })], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  stage.later(() => void holder.kill("SIGKILL"));
  const lines = createInterface({ input: holder.stdout })[Symbol.asyncIterator]();
  await within(lines.next(), "the holder to arm");
  assert.equal((await connect("127.0.0.1", 1500)).outcome, "gave up");
  const gone = new Promise((resolve) => holder.once("exit", resolve));
  holder.kill("SIGKILL");
  await within(gone, "the holder to die");
  assert.equal((await connect()).outcome, "connected");
});

async function until(condition: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 20_000; !condition(); await new Promise((resolve) => setTimeout(resolve, 10))) {
    assert.ok(Date.now() < deadline, "the condition never came true");
  }
}
