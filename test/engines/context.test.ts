import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { chooseEngine } from "../../kernel/engines/context.ts";
import { Problem } from "../../model/problem.ts";

/** A home with docker contexts of these names and hosts. */
function home(t: { after(f: () => void): void }, contexts: Readonly<Record<string, string>>, current?: string): string {
  const made = mkdtempSync(join(tmpdir(), "faultbook-context-"));
  t.after(() => rmSync(made, { recursive: true }));
  mkdirSync(join(made, ".docker"));
  if (current !== undefined) writeFileSync(join(made, ".docker", "config.json"), JSON.stringify({ currentContext: current }));
  for (const [name, host] of Object.entries(contexts)) {
    const directory = join(made, ".docker", "contexts", "meta", createHash("sha256").update(name).digest("hex"));
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "meta.json"), JSON.stringify({ Name: name, Endpoints: { docker: { Host: host } } }));
  }
  return made;
}

function problemOf(f: () => unknown): Problem {
  try {
    f();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error("no problem was thrown");
}

test("without any setting the engine of the machine is meant", (t) => {
  assert.deepEqual(chooseEngine({}, home(t, {})), { address: { socketPath: "/var/run/docker.sock" }, namedBy: "the default" });
});

test("DOCKER_HOST wins over a context, in the environment and in the config", (t) => {
  const at = home(t, { work: "unix:///run/work.sock" }, "work");
  const choice = chooseEngine({ DOCKER_HOST: "unix:///run/mine.sock", DOCKER_CONTEXT: "work" }, at);
  assert.deepEqual(choice, { address: { socketPath: "/run/mine.sock" }, namedBy: "DOCKER_HOST" });
});

test("DOCKER_CONTEXT wins over the config's current context", (t) => {
  const at = home(t, { work: "unix:///run/work.sock", play: "tcp://127.0.0.1:2375" }, "work");
  assert.deepEqual(chooseEngine({ DOCKER_CONTEXT: "play" }, at).address, { host: "127.0.0.1", port: 2375 });
  assert.deepEqual(chooseEngine({}, at), { address: { socketPath: "/run/work.sock" }, namedBy: 'the docker context "work"' });
  assert.deepEqual(chooseEngine({ DOCKER_CONTEXT: "default" }, at).address, { socketPath: "/var/run/docker.sock" });
});

test("DOCKER_CONFIG moves the place where contexts are kept", (t) => {
  const at = home(t, { work: "unix:///run/work.sock" }, "work");
  assert.deepEqual(chooseEngine({ DOCKER_CONFIG: join(at, ".docker") }, "/nonexistent").address, { socketPath: "/run/work.sock" });
});

test("a misspelt context is an error that names the nearest one", (t) => {
  const problem = problemOf(() => chooseEngine({ DOCKER_CONTEXT: "wrk" }, home(t, { work: "unix:///run/work.sock" })));
  assert.equal(problem.code, "DOCKER_CONTEXT_UNKNOWN");
  assert.match(problem.message, /did you mean "work"/);
  assert.match(problem.hint, /default, work/);
});

test("an engine behind SSH, behind TLS or on another machine is refused with its address", (t) => {
  const at = home(t, { far: "ssh://me@far.example" }, "far");
  for (const env of [{}, { DOCKER_HOST: "tcp://far.example:2375" }, { DOCKER_HOST: "tcp://127.0.0.1:2376" }]) {
    const problem = problemOf(() => chooseEngine(env, at));
    assert.equal(problem.code, "DOCKER_REMOTE");
    assert.match(problem.message, /far\.example|2376/);
  }
});

test("a DOCKER_HOST that is no address is refused", (t) => {
  for (const host of ["nonsense", "tcp://", "npipe:////./pipe/docker_engine"]) {
    assert.equal(problemOf(() => chooseEngine({ DOCKER_HOST: host }, home(t, {}))).code, "DOCKER_HOST_INVALID", host);
  }
});
