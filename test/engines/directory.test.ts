import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { once } from "node:events";
import { test, type TestContext } from "node:test";
import { extract } from "tar-stream";
import { hashOf, readDirectory, tarOf } from "../../kernel/engines/directory.ts";
import { Problem } from "../../model/problem.ts";

function directory(t: TestContext, files: Readonly<Record<string, string>>): string {
  const made = mkdtempSync(join(tmpdir(), "faultbook-build-"));
  t.after(() => rmSync(made, { recursive: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(made, path)), { recursive: true });
    writeFileSync(join(made, path), content);
  }
  return made;
}

async function hash(at: string, ...also: readonly string[]): Promise<string> {
  return hashOf(at, await readDirectory(at), also);
}

async function paths(at: string): Promise<readonly string[]> {
  return (await readDirectory(at)).map((entry) => entry.path);
}

async function code(at: string): Promise<string> {
  try {
    await readDirectory(at);
  } catch (error) {
    if (error instanceof Problem) return error.code;
    throw error;
  }
  return "";
}

test("the hash is that of what files say, not of when they were written", async (t) => {
  const files = { Dockerfile: "FROM scratch", "src/a.js": "1" };
  const [one, two] = [directory(t, files), directory(t, files)];
  utimesSync(join(two, "src/a.js"), 1, 1);
  assert.equal(await hash(one), await hash(two));
});

test("a changed byte, name, mode, link or base image changes the hash", async (t) => {
  const at = directory(t, { Dockerfile: "FROM scratch", "a.js": "1" });
  symlinkSync("a.js", join(at, "link"));
  const hashes = [await hash(at), await hash(at, "sha256:1"), await hash(at, "sha256:2")];
  writeFileSync(join(at, "a.js"), "2");
  hashes.push(await hash(at));
  chmodSync(join(at, "a.js"), 0o755);
  hashes.push(await hash(at));
  rmSync(join(at, "link"));
  symlinkSync("b.js", join(at, "link"));
  hashes.push(await hash(at));
  writeFileSync(join(at, "b.js"), "");
  hashes.push(await hash(at));
  assert.equal(new Set(hashes).size, hashes.length);
});

test("what .dockerignore leaves out is neither sent nor hashed; the builder's own files are always sent", async (t) => {
  const at = directory(t, {
    Dockerfile: "FROM scratch",
    ".dockerignore": "*\n!src\nsrc/secret",
    "src/a.js": "1",
    "src/secret": "x",
    "other/b": "y",
  });
  assert.deepEqual(await paths(at), [".dockerignore", "Dockerfile", "src", "src/a.js"]);
  const before = await hash(at);
  writeFileSync(join(at, "src/secret"), "changed");
  assert.equal(await hash(at), before);
});

test("sockets are left out", async (t) => {
  const at = directory(t, { Dockerfile: "FROM scratch" });
  const server = createServer().listen(join(at, "s.sock"));
  t.after(() => server.close());
  await once(server, "listening");
  assert.deepEqual(await paths(at), ["Dockerfile"]);
});

test("no directory, a file in its place and no Dockerfile are told apart", async (t) => {
  const at = directory(t, { plain: "x" });
  assert.equal(await code(join(at, "none")), "BUILD_DIRECTORY_NOT_FOUND");
  assert.equal(await code(join(at, "plain")), "BUILD_DIRECTORY_NOT_FOUND");
  assert.equal(await code(at), "DOCKERFILE_NOT_FOUND");
});

test("the tar has every entry with its content, mode and target", async (t) => {
  const large = "x".repeat(3_000_000);
  const at = directory(t, { Dockerfile: "FROM scratch", "a/run.sh": "#!/bin/sh", "a/empty": "", large });
  chmodSync(join(at, "a/run.sh"), 0o755);
  symlinkSync("../large", join(at, "a/link"));
  const found: Record<string, unknown> = {};
  const reader = extract();
  reader.on("entry", (header, stream, next) => {
    void buffer(stream).then((content) => {
      found[header.name] = [header.type, header.mode, header.linkname, content.length];
      next();
    });
  });
  await pipeline(tarOf(at, await readDirectory(at)), reader);
  assert.deepEqual(found, {
    Dockerfile: ["file", 0o644, null, 12],
    a: ["directory", 0o755, null, 0],
    "a/empty": ["file", 0o644, null, 0],
    "a/link": ["symlink", 0o777, "../large", 0],
    "a/run.sh": ["file", 0o755, null, 9],
    large: ["file", 0o644, null, 3_000_000],
  });
});

test("a file that vanishes while the tar is made ends it with an error, not early", async (t) => {
  const at = directory(t, { Dockerfile: "FROM scratch", a: "1" });
  const entries = await readDirectory(at);
  rmSync(join(at, "a"));
  await assert.rejects(buffer(tarOf(at, entries)), /ENOENT/);
});
