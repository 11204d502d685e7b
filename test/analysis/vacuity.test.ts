import assert from "node:assert/strict";
import test from "node:test";
import { hitsOf } from "../../kernel/analysis/hits.ts";
import type { SeenCall } from "../../kernel/analysis/hits.ts";
import { bypassed } from "../../kernel/analysis/vacuity.ts";
import type { Rule } from "../../model/rule.ts";
import type { RuleHits } from "../../model/verdict.ts";

const steps = [{ from_ms: 100, to_ms: 200 }];
const connect: Rule = {
  id: "1",
  fault: "db_down",
  service: "api",
  keyword: "connect",
  action: { kind: "deny", errno: "ECONNREFUSED" },
  established: "reset",
};
const write: Rule = {
  id: "2",
  fault: "disk_full",
  service: "db",
  keyword: "write",
  action: { kind: "deny", errno: "ENOSPC" },
  established: "reset",
};
const process = (title: string): NonNullable<SeenCall["process"]> => ({ pid: 41, name: "postgres", title });
const seen = (rule: Rule, call: Partial<SeenCall>): SeenCall => ({
  rule: rule.id,
  time_ms: 150,
  syscall: "pwrite64",
  serving: [],
  ...call,
});
const hits = (rule: Rule, calls: SeenCall[], passed: Record<string, number> = {}, reset = 0): RuleHits =>
  hitsOf(rule, calls, steps, { mechanism: "notify", reset }, passed);
const around = (own: RuleHits, to: string[] = [], connections = 0) => ({ hits: own, to, connections });

test("a call of a process that serves a caller during the scenario is a hit, and the fault counts as fired", () => {
  const own = hits(write, [
    seen(write, { process: process("postgres: postgres 172.18.0.4(40112) INSERT"), serving: ["api"], path: "pg_wal/1" }),
  ]);
  assert.equal(own.fired, 1);
  assert.equal(bypassed([around(own)]), undefined);
});

test("hits of a checkpointer only make the cell bypassed, and name it", () => {
  const own = hits(
    write,
    [1, 2, 3].map(() => seen(write, { process: process("postgres: checkpointer") })),
  );
  assert.equal(own.fired, 0);
  assert.match(
    bypassed([around(own)]) ?? "",
    /only off the scenario's path: db: 3 in postgres: checkpointer \(pid 41\), which served no caller/,
  );
});

test("a hit after the scenario had ended doesn't count for it", () => {
  const own = hits(connect, [seen(connect, { time_ms: 250, process: process("node"), serving: ["test"] })]);
  assert.match(bypassed([around(own)]) ?? "", /outside the scenario's steps/);
});

test("no connect at all is bypassed with what was reset and what stands", () => {
  assert.equal(
    bypassed([around(hits(connect, [], {}, 3), ["db"], 2)]),
    "no connect of api to db while the fault was armed; 3 standing connections had been reset, 2 connections still stood",
  );
});

test("calls that the errno can't happen to are the reason, with their counts", () => {
  assert.match(bypassed([around(hits(write, [], { "on a socket": 14 }))]) ?? "", /14 on a socket/);
});

test("one of two services that depend on the target is enough, but each keyword must fire", () => {
  const inventory: Rule = { ...connect, id: "3", service: "inventory" };
  const fired = hits(inventory, [seen(inventory, { process: process("node"), serving: ["api"], syscall: "connect" })]);
  assert.equal(bypassed([around(hits(connect, []), ["db"]), around(fired, ["db"])]), undefined);
  const silent: Rule = { ...write, fault: "db_down" };
  assert.match(bypassed([around(fired, ["db"]), around(hits(silent, []))]) ?? "", /no write call of db/);
});
