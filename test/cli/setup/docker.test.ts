import assert from "node:assert/strict";
import { test } from "node:test";
import { remedyFor } from "../../../cli/setup/docker.ts";
import type { Circumstances } from "../../../cli/setup/docker.ts";
import type { EngineChoice } from "../../../kernel/engines/context.ts";
import { Problem } from "../../../model/problem.ts";
import { faultbook } from "../faultbook.ts";

const DEFAULT: EngineChoice = { address: { socketPath: "/var/run/docker.sock" }, namedBy: "the default" };
const trouble = (code: string) => new Problem(code, "system", "seen", "do");
const fresh: Circumstances = { daemonInstalled: false, installedByUs: false, aptUsable: true };

test("a daemon is installed where none is, nothing names another engine, and packages can be installed", () => {
  assert.equal(remedyFor(trouble("DOCKER_ABSENT"), DEFAULT, fresh), "install");
  // A client alone: the engine is missed under another code, and the client is kept.
  assert.equal(remedyFor(trouble("DOCKER_STOPPED"), DEFAULT, fresh), "install");
  assert.equal(remedyFor(trouble("DOCKER_ABSENT"), DEFAULT, { ...fresh, aptUsable: false }), "none");
});

test("where a context or DOCKER_HOST names an engine, nothing is installed or started", () => {
  for (const namedBy of ["DOCKER_HOST", 'the docker context "work"']) {
    assert.equal(remedyFor(trouble("DOCKER_STOPPED"), { ...DEFAULT, namedBy }, fresh), "none");
    assert.equal(
      remedyFor(trouble("DOCKER_STOPPED"), { ...DEFAULT, namedBy }, { ...fresh, daemonInstalled: true, installedByUs: true }),
      "none",
    );
  }
});

test("a stopped daemon of somebody else's is left alone; one that we installed is started again", () => {
  assert.equal(remedyFor(trouble("DOCKER_STOPPED"), DEFAULT, { ...fresh, daemonInstalled: true }), "none");
  assert.equal(remedyFor(trouble("DOCKER_STOPPED"), DEFAULT, { ...fresh, daemonInstalled: true, installedByUs: true }), "start");
});

test("an engine that forbids us or fails is not replaced", () => {
  for (const code of ["DOCKER_FORBIDDEN", "DOCKER_FAILED", "DOCKER_REMOTE"]) assert.equal(remedyFor(trouble(code), DEFAULT, fresh), "none");
});

test("doctor names an engine that doesn't answer by what named it, says what to do, and ends with 1", async () => {
  const env = { ...process.env, DOCKER_HOST: "unix:///nowhere/docker.sock" };
  const { status, stdout } = await faultbook(["doctor"], { env });
  assert.equal(status, 1);
  assert.match(stdout, /^MISSING Docker: .*\/nowhere\/docker\.sock \(named by DOCKER_HOST\)\n {11}.*unset/m);
  const wrong = await faultbook(["doctor"], { env: { ...env, DOCKER_HOST: "", DOCKER_CONTEXT: "no-such" } });
  assert.match(wrong.stdout, /^MISSING Docker: there is no docker context "no-such"/m);
});
