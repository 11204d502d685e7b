import assert from "node:assert/strict";
import { test } from "node:test";
import type { Order } from "../../injector/messages.ts";
import { BadOrder, parseOrder } from "../../injector/orders.ts";
import { end, rule } from "./harness.ts";

const target = { service: "db", pid: 42, addresses: ["10.0.0.2"] };
const orders: Order[] = [
  { order: "begin", id: 1, owner: 7, label: "x", docker: null },
  { order: "begin", id: 1, owner: 7, label: "x", docker: { socketPath: "/var/run/docker.sock" } },
  { order: "begin", id: 1, owner: 7, label: "x", docker: { host: "127.0.0.1", port: 2375 } },
  { order: "probe", id: 2 },
  {
    order: "arm",
    id: 3,
    rules: [
      rule({ keyword: "connect", action: { kind: "delay", ms: 5 }, to: [end(1)] }),
      rule({ keyword: "write", action: { kind: "deny", errno: "EIO" } }),
    ],
    targets: [target],
    callers: [{ service: "api", addresses: [] }],
  },
  { order: "disarm", id: 4, rules: ["a", "b"] },
  { order: "connections", id: 5, target, to: [end(1)] },
];

test("every order is read as it was written", () => {
  for (const order of orders) assert.deepEqual(parseOrder(JSON.stringify(order)), order);
});

test("what can't be understood is refused with the order's id, and says why", () => {
  const refused = (text: string, id: number, why: RegExp): void =>
    assert.throws(
      () => parseOrder(text),
      (error) => error instanceof BadOrder && error.id === id && why.test(error.message),
    );
  refused("nonsense", 0, /JSON/);
  refused("[]", 0, /not an object/);
  refused('{"order":"probe"}', 0, /id is not a number/);
  refused('{"order":"explode","id":3}', 3, /no order "explode"/);
  const armed = { order: "arm", id: 3, targets: [target], callers: [] };
  const bad = { ...rule({ keyword: "write", action: { kind: "deny", errno: "EIO" } }), action: { kind: "deny", errno: "ENOPE" } };
  refused(JSON.stringify({ ...armed, rules: [bad] }), 3, /no errno "ENOPE"/);
  refused(JSON.stringify({ ...armed, rules: [{ ...bad, keyword: "wirte" }] }), 3, /no keyword "wirte"/);
  refused(JSON.stringify({ ...armed, rules: [{ ...bad, action: { kind: "delay", ms: -1 } }] }), 3, /a delay of -1 ms/);
});
