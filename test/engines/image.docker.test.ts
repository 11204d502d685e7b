import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { Service } from "../../model/declaration.ts";
import { Problem } from "../../model/problem.ts";
import { engineFor, failureOf, NODE_IMAGE, nodeService, silent, soon } from "./world.ts";

function of(image: string): Service {
  return { ...nodeService("pulled", ""), source: { kind: "image", image } };
}

/** A service built from a directory with these files; its images are removed afterwards. */
function built(t: TestContext, name: string, files: Readonly<Record<string, string>>): Service & { readonly directory: string } {
  const directory = mkdtempSync(join(tmpdir(), "faultbook-build-"));
  for (const [path, content] of Object.entries(files)) writeFileSync(join(directory, path), content);
  t.after(() => {
    rmSync(directory, { recursive: true });
    const images = execFileSync("docker", ["images", "-q", `faultbook/build-${name}`], { encoding: "utf8" }).split("\n");
    for (const image of new Set(images)) if (image !== "") execFileSync("docker", ["rmi", "-f", image]);
  });
  return { ...nodeService(name, ""), source: { kind: "build", directory }, args: [], directory };
}

async function problemOf(promise: Promise<unknown>): Promise<Problem> {
  const failure = await failureOf(promise);
  assert.ok(failure instanceof Problem, failure.stack);
  return failure;
}

test("an image whose registry can't be reached is told from one that doesn't exist, and local images are offered", async (t) => {
  const engine = await engineFor(t);
  // Port 1 of this machine: nobody listens there.
  const problem = await problemOf(engine.start(of("127.0.0.1:1/team/api:2"), silent, soon()));
  assert.equal(problem.code, "REGISTRY_UNREACHABLE");
  assert.match(problem.message, /127\.0\.0\.1:1.*refused/);
  assert.match(problem.hint, /faultbook\/node:24/);
});

test("an image that its registry doesn't know is not found", async (t) => {
  const engine = await engineFor(t);
  const registry = createServer((request, response) => {
    response.setHeader("docker-distribution-api-version", "registry/2.0");
    if (request.url === "/v2/") response.end("{}");
    else
      response
        .writeHead(404, { "content-type": "application/json" })
        .end('{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}');
  }).listen(0, "127.0.0.1");
  t.after(() => registry.close());
  await once(registry, "listening");
  const address = registry.address();
  assert.ok(address !== null && typeof address === "object");
  const told: string[] = [];
  const image = `127.0.0.1:${address.port}/team/api:2`;
  const problem = await problemOf(engine.start(of(image), (_, text) => told.push(text), soon()));
  assert.equal(problem.code, "IMAGE_NOT_FOUND");
  assert.match(problem.message, /manifest unknown/);
  assert.deepEqual(told, [`pulling ${image}`]);
});

test("a misspelt local image brings the nearest local name, whether or not a registry answers", async (t) => {
  const engine = await engineFor(t);
  const problem = await problemOf(engine.start(of("faultbook/node:42"), silent, soon(60_000)));
  assert.ok(["REGISTRY_UNREACHABLE", "IMAGE_NOT_FOUND"].includes(problem.code), problem.code);
  assert.match(problem.message, /did you mean "faultbook\/node:24"/);
});

test("a name that no image can have is the spec's problem", async (t) => {
  const engine = await engineFor(t);
  const problem = await problemOf(engine.start(of("Not An Image"), silent, soon()));
  assert.equal(problem.code, "IMAGE_NAME_INVALID");
  assert.equal(problem.blame, "spec");
});

test("an unchanged directory is built once, a changed one again", async (t) => {
  const engine = await engineFor(t);
  const service = built(t, "hashed", {
    Dockerfile: `FROM ${NODE_IMAGE}\nCOPY main.js /main.js\nCMD ["node", "/main.js"]\n`,
    "main.js": 'console.log("one"); setInterval(() => {}, 1000)',
  });
  const told: string[] = [];
  const start = async (): Promise<string> => {
    told.length = 0;
    const running = await engine.start(service, (_, text) => told.push(text), soon(120_000));
    return execFileSync("docker", ["inspect", "-f", "{{.Config.Image}}", running.id], { encoding: "utf8" }).trim();
  };
  const first = await start();
  assert.match(first, /^faultbook\/build-hashed:[0-9a-f]{16}$/);
  assert.ok(
    told.some((text) => /^building: step \d\/\d, COPY main\.js/.test(text)),
    told.join("; "),
  );
  assert.equal(await start(), first);
  assert.deepEqual(told, ["starting"], "nothing was built");
  writeFileSync(join(service.directory, "main.js"), 'console.log("two"); setInterval(() => {}, 1000)');
  assert.notEqual(await start(), first);
  assert.ok(told.includes("building"));
});

test("a build that fails shows the step's own last lines", async (t) => {
  const engine = await engineFor(t);
  const service = built(t, "failing", {
    Dockerfile: `FROM ${NODE_IMAGE}\nRUN echo "compiling the widget" && echo "no rule for widget" >&2 && exit 3\n`,
  });
  const problem = await problemOf(engine.start(service, silent, soon(120_000)));
  assert.equal(problem.code, "BUILD_FAILED");
  assert.match(problem.message, /compiling the widget/);
  assert.match(problem.message, /no rule for widget/);
  assert.match(problem.message, /non-zero code: 3/);
});

test("a Dockerfile that starts from an image which can't be had says so as for any image", async (t) => {
  const engine = await engineFor(t);
  const service = built(t, "baseless", { Dockerfile: "FROM 127.0.0.1:1/none:1\n" });
  assert.equal((await problemOf(engine.start(service, silent, soon()))).code, "REGISTRY_UNREACHABLE");
});

test("a directory that doesn't exist is named", async (t) => {
  const engine = await engineFor(t);
  const service: Service = { ...nodeService("nowhere", ""), source: { kind: "build", directory: "/nonexistent/shop" } };
  const problem = await problemOf(engine.start(service, silent, soon()));
  assert.equal(problem.code, "BUILD_DIRECTORY_NOT_FOUND");
  assert.match(problem.message, /\/nonexistent\/shop/);
});

test("an interrupt ends a build with its reason", async (t) => {
  const engine = await engineFor(t);
  const service = built(t, "endless", { Dockerfile: `FROM ${NODE_IMAGE}\nRUN sleep 600\n` });
  const controller = new AbortController();
  const reason = new Error("interrupted by the cell");
  const started = engine.start(service, (_, text) => /sleep/.test(text) && controller.abort(reason), controller.signal);
  assert.equal(await failureOf(started), reason);
});
