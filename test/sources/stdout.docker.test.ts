import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { observe } from "../../kernel/sources/stdout.ts";
import type { Fact } from "../../model/event.ts";
import { engineFor, nodeService, silent, soon } from "../engines/world.ts";

test("the output of a container becomes facts of the observed streams only, decoded, with the engine's times", async (t) => {
  const engine = await engineFor(t);
  const program = `console.log("starting"); console.error("not observed");
    console.log(JSON.stringify({ item: "widget", stock: 4 })); setTimeout(() => {}, 200)`;
  const service = { ...nodeService("inventory", program), observe: [{ stream: "stdout", decoder: { kind: "json" } }] } as const;
  const began_ms = Date.now();
  const running = await engine.start(service, silent, soon());
  execFileSync("docker", ["wait", running.id]);
  const facts: Fact[] = [];
  const source = await observe(service, engine, (fact) => facts.push(fact));
  await source.caughtUp(soon());
  assert.deepEqual(
    facts.map(({ service: name, type, fields, data }) => ({ name, type, fields, data })),
    [
      { name: "inventory", type: "stdout", fields: { line: "starting" }, data: undefined },
      {
        name: "inventory",
        type: "stdout",
        fields: { line: '{"item":"widget","stock":4}', item: "widget", stock: "4" },
        data: { item: "widget", stock: 4 },
      },
    ],
  );
  for (const { time_ms } of facts) assert.ok(time_ms > began_ms - 1000 && time_ms < Date.now() + 1000);
  source.close();
});

test("a service that observes nothing costs no stream of the engine", async (t) => {
  const engine = await engineFor(t);
  const facts: Fact[] = [];
  const source = await observe({ ...nodeService("quiet", ""), observe: [] }, engine, (fact) => facts.push(fact));
  await source.caughtUp(soon());
  source.close();
  assert.deepEqual(facts, []);
});
