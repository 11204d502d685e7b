import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { lifeOf, ownerLabel } from "../../kernel/engines/owner.ts";

test("the owner of a label lives as long as its process, and not as long as its number", async (t) => {
  const child = spawn(process.execPath, ["-e", "process.stdin.resume()"], { stdio: ["pipe", "ignore", "ignore"] });
  t.after(() => child.kill("SIGKILL"));
  await once(child, "spawn");
  const label = ownerLabel(child.pid);
  assert.equal(lifeOf(label), "alive");
  const [pid, started, ...rest] = label.split(":");
  assert.equal(lifeOf([pid, Number(started) + 1, ...rest].join(":")), "dead", "the same number, started at another time");
  child.kill("SIGKILL");
  await once(child, "exit");
  assert.equal(lifeOf(label), "dead");
});

test("labels of another boot and of another pid namespace are not judged by a number", () => {
  const [pid, started, boot, namespace] = ownerLabel().split(":");
  assert.equal(lifeOf([pid, started, "another", namespace].join(":")), "another boot");
  assert.equal(lifeOf([pid, started, boot, "1"].join(":")), "elsewhere");
  assert.equal(lifeOf("nonsense"), "elsewhere");
  assert.equal(lifeOf(""), "elsewhere");
});
