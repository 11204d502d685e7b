import assert from "node:assert/strict";
import { test } from "node:test";
import type { DescriptorKind, Peer } from "../../../injector/mechanisms/notify-call.ts";
import { parseAddress } from "../../../injector/mechanisms/notify-call.ts";
import type { CallFacts } from "../../../injector/mechanisms/notify-rules.ts";
import { actsOn, endOf } from "../../../injector/mechanisms/notify-rules.ts";
import { accepted, callersAt, parseTcpTable } from "../../../injector/mechanisms/notify-serving.ts";
import type { Action } from "../../../model/rule.ts";
import { end, rule } from "../harness.ts";

const NOWHERE: Peer = { family: "other", address: "", port: 0 };

function on(kind: DescriptorKind): CallFacts {
  return { kind, peer: NOWHERE, isStream: false };
}

function to(address: string, port: number, isStream = true): CallFacts {
  return { kind: "socket", peer: { family: "inet", address, port }, isStream };
}

function places(action: Action): DescriptorKind[] {
  const kinds = ["file", "directory", "device", "block device", "pipe", "socket", "internal", "kernel file", "memory", "closed"] as const;
  return kinds.filter((kind) => actsOn(rule({ keyword: "write", action }), on(kind)) === true);
}

test("an errno fires only where the kernel could return it", () => {
  assert.deepEqual(places({ kind: "deny", errno: "ENOSPC" }), ["file", "directory", "block device"]);
  assert.deepEqual(places({ kind: "deny", errno: "EFBIG" }), ["file"]);
  assert.deepEqual(places({ kind: "deny", errno: "ECONNRESET" }), ["socket"]);
  assert.deepEqual(places({ kind: "deny", errno: "EPIPE" }), ["pipe", "socket"]);
  assert.deepEqual(places({ kind: "deny", errno: "ENOMEM" }), ["file", "directory", "device", "block device", "pipe", "socket"]);
  assert.deepEqual(places({ kind: "delay", ms: 1 }), ["file", "directory", "block device", "socket"]);
});

test("a connect fails only with what connect(2) can fail with", () => {
  const refused = rule({ keyword: "connect", action: { kind: "deny", errno: "ECONNREFUSED" } });
  const full = rule({ keyword: "connect", action: { kind: "deny", errno: "ENOSPC" } });
  assert.equal(actsOn(refused, to("10.0.0.1", 80)), true);
  assert.equal(actsOn(full, to("10.0.0.1", 80)), "connects, which can't fail with ENOSPC");
});

test("a call that is let pass says on what it was", () => {
  const full = rule({ keyword: "write", action: { kind: "deny", errno: "ENOSPC" } });
  assert.equal(actsOn(full, on("socket")), "on a socket");
  assert.equal(actsOn(full, on("pipe")), "on a pipe");
  assert.equal(actsOn(full, on("internal")), "on an internal descriptor");
});

test("a connect matches by address and port together, and only on stream sockets", () => {
  const down = rule({
    keyword: "connect",
    action: { kind: "deny", errno: "ECONNREFUSED" },
    to: [end(5432, "10.0.0.2"), end(6379, "10.0.0.3")],
  });
  assert.equal(actsOn(down, to("10.0.0.2", 5432)), true);
  assert.equal(actsOn(down, to("10.0.0.2", 6379)), "to another address");
  assert.equal(actsOn(down, to("10.0.0.4", 5432)), "to another address");
  assert.equal(actsOn(down, to("10.0.0.2", 5432, false)), "not on a stream socket");
  assert.equal(actsOn(down, on("socket")), "to another kind of address");
  assert.equal(endOf(down, { family: "inet", address: "10.0.0.3", port: 6379 }), down.to?.[1]);
});

test("a connect rule without ends matches every address", () => {
  assert.equal(actsOn(rule({ keyword: "connect", action: { kind: "delay", ms: 1 } }), to("10.0.0.9", 1)), true);
});

test("addresses of connect are read in IPv4 and IPv4-mapped IPv6; others, and cut ones, are other", () => {
  const ipv4 = Buffer.from([2, 0, 0x15, 0x38, 10, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0]);
  const mapped = Buffer.concat([
    Buffer.from([10, 0, 0x15, 0x38, 0, 0, 0, 0]),
    Buffer.alloc(10),
    Buffer.from([255, 255, 10, 0, 0, 2, 0, 0, 0, 0]),
  ]);
  const ipv6 = Buffer.concat([Buffer.from([10, 0, 0x15, 0x38, 0, 0, 0, 0]), Buffer.alloc(15), Buffer.from([1, 0, 0, 0, 0])]);
  assert.deepEqual(parseAddress(ipv4), { family: "inet", address: "10.0.0.2", port: 5432 });
  assert.deepEqual(parseAddress(mapped), { family: "inet", address: "10.0.0.2", port: 5432 });
  assert.equal(parseAddress(ipv6).family, "other");
  assert.equal(parseAddress(Buffer.from([1, 0, 0x2f, 0x74, 0x6d, 0x70, 0x2f, 0x73])).family, "other");
  assert.equal(parseAddress(ipv4.subarray(0, 7)).family, "other");
  assert.equal(parseAddress(Buffer.alloc(0)).family, "other");
});

const TCP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:1538 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 100 1 0000000000000000 100 0 0 10 0
   1: 020011AC:1538 030011AC:9C40 01 00000000:00000000 00:00000000 00000000  1000        0 101 1 0000000000000000 20 4 30 10 -1
   2: 020011AC:A000 040011AC:1538 01 00000000:00000000 00:00000000 00000000  1000        0 102 1 0000000000000000 20 4 30 10 -1
`;
const TCP6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0000000000000000FFFF0000020011AC:1538 0000000000000000FFFF0000050011AC:9C41 01 00000000:00000000 00:00000000 00000000  1000        0 103 1 0000000000000000 20 4 30 10 -1
   1: 00000000000000000000000001000000:1538 00000000000000000000000001000000:9C41 01 00000000:00000000 00:00000000 00000000  1000        0 104 1 0000000000000000 20 4 30 10 -1
`;

test("whom a process serves are the other ends of what it accepted, not of what it opened itself", () => {
  const entries = [...parseTcpTable(TCP), ...parseTcpTable(TCP6)];
  const held = accepted(entries, new Set(["101", "102", "103", "104"]));
  assert.deepEqual(
    held.map(({ remote }) => remote),
    ["172.17.0.3", "172.17.0.5", ""],
  );
  const callers = [
    { service: "api", addresses: ["172.17.0.3"] },
    { service: "cache", addresses: ["172.17.0.4"] },
  ];
  assert.deepEqual(
    callersAt(
      held.map(({ remote }) => remote),
      callers,
    ),
    ["api"],
  );
  assert.deepEqual(accepted(entries, new Set(["102"])), []);
});
