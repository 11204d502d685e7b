import assert from "node:assert/strict";
import { test } from "node:test";
import { packets } from "../../injector/mechanisms/packets.ts";
import type { Rule } from "../../model/rule.ts";

const target = { service: "api", pid: process.pid, addresses: ["127.0.0.1"] };
const rule: Rule = {
  id: "r1",
  fault: "db_slow",
  service: "api",
  keyword: "connect",
  action: { kind: "delay", ms: 3000 },
  to: [{ service: "db", addresses: ["127.0.0.1"], port: 5432 }],
  established: "keep",
};
const to = (...addresses: string[]) => [{ service: "db", addresses, port: 5432 }];

const REASONS: readonly (readonly [claim: string, changed: Rule, pid: number, reason: RegExp])[] = [
  ["a denial", { ...rule, action: { kind: "deny", errno: "ECONNREFUSED" } }, 1, /^only delays, not deny$/],
  ["another call", { ...rule, keyword: "fsync" }, 1, /^only connect, not fsync$/],
  ["a rule without an address", { ...rule, to: to() }, 1, /^the rule names no address to connect to$/],
  ["an address of IPv6", { ...rule, to: to("127.0.0.1", "fd00::1") }, 1, /^only IPv4, not fd00::1$/],
  ["a process that is gone", rule, 2 ** 22 + 1, /^no process 4194305$/],
  ["a process of our own cgroup", rule, process.pid, /root of cgroup v2|shares our own cgroup|no cgroup v2/],
];

for (const [claim, changed, pid, reason] of REASONS) {
  test(`${claim} is passed over with the reason`, () => {
    assert.match(String(packets.carries(changed, { ...target, pid })), reason);
  });
}

test("arming what can't be carried is refused and attaches nothing", async () => {
  await assert.rejects(
    packets.arm(rule, target, [], () => undefined),
    /can't carry rule r1/,
  );
});
