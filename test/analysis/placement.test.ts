import assert from "node:assert/strict";
import test from "node:test";
import { edges, place } from "../../kernel/analysis/placement.ts";
import type { Service } from "../../model/declaration.ts";
import type { Keyword } from "../../model/families.ts";
import type { Action } from "../../model/rule.ts";

const service = (name: string, dependsOn: string[]): Service => ({
  name,
  dependsOn,
  interfaces: [],
  source: { kind: "image", image: name },
  env: {},
  args: [],
  observe: [],
});
const shop = [service("db", []), service("inventory", ["db"]), service("api", ["db", "inventory"])];
const refuse: Action = { kind: "deny", errno: "ECONNREFUSED" };
const assume = (target: string, ...calls: [Keyword, Action][]) => ({ name: "f", target, calls: new Map(calls) });

test("connect on a service that depends on others cuts its own connects to them", () => {
  assert.deepEqual(edges(place(assume("api", ["connect", refuse]), shop)), ["api → db", "api → inventory"]);
});

test("connect on a service that depends on nothing cuts the connects of all who depend on it", () => {
  assert.deepEqual(edges(place(assume("db", ["connect", refuse]), shop)), ["inventory → db", "api → db"]);
});

test("write stays on the target itself", () => {
  const [rule, ...rest] = place(assume("db", ["write", { kind: "deny", errno: "ENOSPC" }]), shop);
  assert.equal(rule?.service, "db");
  assert.equal(rule.to, undefined);
  assert.deepEqual(rest, []);
});

test("a connect that nobody can make is placed nowhere", () => {
  assert.deepEqual(place(assume("db", ["connect", refuse]), [service("db", [])]), []);
});
