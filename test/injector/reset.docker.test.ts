import assert from "node:assert/strict";
import { readlinkSync } from "node:fs";
import { after, before, test } from "node:test";
import type { Target } from "../../injector/messages.ts";
import { inNetworkOf } from "../../injector/linux/namespace.ts";
import { SockDiag } from "../../injector/linux/netlink.ts";
import { connections, probeReset, resetConnections } from "../../injector/mechanisms/reset.ts";
import type { Endpoint } from "../../model/rule.ts";
import { Stage, withoutCapabilities } from "./stage.ts";

let stage: Stage;
let client: Awaited<ReturnType<Stage["container"]>>;
let server: typeof client;

before(async () => {
  stage = new Stage();
  [client, server] = await Promise.all([stage.container(), stage.container()]);
});

after(() => stage.leave());

const target = (): Target => ({ service: "api", pid: client.pid, addresses: [client.address] });
const to = (port: number): Endpoint[] => [{ service: "db", addresses: [server.address], port }];
const open = (port: number, host = server.address) => client.talker.ask({ do: "connect", host, port, timeout_ms: 10_000 });
const listen = async (host = "::") => (await server.talker.ask({ do: "listen", host })).port;

test("the probe really resets a connection of our own", () => {
  assert.equal(probeReset().available, true);
  assert.match(probeReset().detail, /sock_diag, Linux \d/);
});

// A server on "0.0.0.0" has AF_INET sockets, one on "::" AF_INET6 sockets with mapped addresses; a client likewise.
for (const [listens, mapped] of [
  ["0.0.0.0", false],
  ["::", false],
  ["0.0.0.0", true],
  ["::", true],
] as const) {
  const how = `server on ${listens}, ${mapped ? "mapped" : "plain"} client`;

  test(`${how}: with the server known, the client sees ECONNRESET and the server ECONNABORTED`, async () => {
    const port = await listen(listens);
    const { connection, port: localPort } = await open(port, mapped ? `::ffff:${server.address}` : server.address);
    assert.equal((await client.talker.ask({ do: "echo", connection })).outcome, "echoed"); // the server has accepted it
    const services = [{ service: "db", pid: server.pid }];
    assert.deepEqual(resetConnections(target(), to(port), services), { reset: 1, at_server: 1, failed: "" });
    assert.equal((await client.talker.ask({ do: "fate", connection })).outcome, "ECONNRESET");
    assert.equal((await server.talker.ask({ do: "accepted fate", port: localPort })).outcome, "ECONNABORTED");
  });

  test(`${how}: with the server unknown, it is the other way round, and the result says so`, async () => {
    const port = await listen(listens);
    const { connection, port: localPort } = await open(port, mapped ? `::ffff:${server.address}` : server.address);
    assert.equal((await client.talker.ask({ do: "echo", connection })).outcome, "echoed");
    assert.deepEqual(resetConnections(target(), to(port)), { reset: 1, at_server: 0, failed: "" });
    assert.equal((await client.talker.ask({ do: "fate", connection })).outcome, "ECONNABORTED");
    assert.equal((await server.talker.ask({ do: "accepted fate", port: localPort })).outcome, "ECONNRESET");
  });
}

test("every connection to the endpoints is reset, and others go on", async () => {
  const [port, other] = [await listen(), await listen()];
  const doomed = [await open(port), await open(port), await open(port)];
  const spared = await open(other);
  const services = [{ service: "db", pid: server.pid }];
  assert.equal(resetConnections(target(), to(port), services).reset, 3);
  for (const { connection } of doomed) assert.equal((await client.talker.ask({ do: "fate", connection })).outcome, "ECONNRESET");
  assert.equal((await client.talker.ask({ do: "echo", connection: spared.connection })).outcome, "echoed");
  assert.deepEqual(resetConnections(target(), to(port), services), { reset: 0, at_server: 0, failed: "" });
});

test("connections are listed with their ends and the bytes that went each way", async () => {
  const port = await listen();
  assert.deepEqual(connections(target(), to(port)), []);
  const { connection, port: localPort } = await open(port);
  const expected = { service: "db", local: `${client.address}:${localPort}`, remote: `${server.address}:${port}` };
  assert.deepEqual(connections(target(), to(port)), [{ ...expected, bytes_sent: 0, bytes_received: 0 }]);
  for (let i = 0; i < 3; i++) await client.talker.ask({ do: "echo", connection });
  assert.deepEqual(connections(target(), to(port)), [{ ...expected, bytes_sent: 3, bytes_received: 3 }]);
  assert.deepEqual(connections(target(), [{ service: "db", addresses: ["10.213.7.99"], port }]), []);
});

test("a server that is known by a process that is gone is reset at the client's end", async () => {
  const port = await listen();
  const { connection } = await open(port);
  assert.deepEqual(resetConnections(target(), to(port), [{ service: "db", pid: 2 ** 22 + 1 }]), { reset: 1, at_server: 0, failed: "" });
  assert.equal((await client.talker.ask({ do: "fate", connection })).outcome, "ECONNABORTED");
});

test("a target that is gone is a reason and not a crash", async () => {
  const port = await listen();
  const gone = { ...target(), pid: 2 ** 22 + 1 };
  const { reset, failed } = resetConnections(gone, to(port));
  assert.equal(reset, 0);
  assert.match(failed, /ENOENT/);
  assert.throws(() => connections(gone, to(port)), { name: "Problem", code: "CONNECTIONS_UNSEEN", message: /^api: .*ENOENT/ });
});

test("having been in other networks, we are in our own", () => {
  assert.notEqual(inNetworkOf(client.pid, ownNetwork), inNetworkOf(server.pid, ownNetwork));
  const before = ownNetwork();
  assert.throws(() => inNetworkOf(client.pid, () => assert.fail("in there")), /in there/);
  assert.equal(ownNetwork(), before);
});

test("without the privilege, the probe says what is missing", () => {
  const module = new URL("../../injector/mechanisms/reset.ts", import.meta.url).href;
  const answer = withoutCapabilities(`import { probeReset } from ${JSON.stringify(module)}; console.log(JSON.stringify(probeReset()))`);
  assert.match(answer, /"available":false.*EPERM: it needs CAP_NET_ADMIN/);
});

test("a kernel that can't end connections of a kind says EOPNOTSUPP", () => {
  const diag = new SockDiag();
  stage.later(() => diag.close());
  const end = { address: "", port: 0 };
  const ofUnixSockets = { local: end, remote: end, bytes_acked: 0, bytes_received: 0, family: 1, id: Buffer.alloc(48) };
  assert.throws(() => diag.destroy(ofUnixSockets), { name: "SystemError", code: "EOPNOTSUPP" });
});

const ownNetwork = () => readlinkSync("/proc/thread-self/ns/net");
