/** The shell script, with an npm that only notes its calls: no network, and every clone is a copy of what the script reads. */
import assert from "node:assert/strict";
import { access, chmod, copyFile, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { test } from "node:test";
import { ROOT, runProgram } from "./faultbook.ts";

/** A clone in a path with blanks whose cli/main.ts prints its arguments; `env` has the fake npm and no other. */
async function clone(t: TestContext, npm: string) {
  const directory = await mkdtemp(join(tmpdir(), "fault book "));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const root = join(directory, "a clone");
  const bin = join(directory, "bin");
  for (const made of [join(root, "cli"), bin]) await mkdir(made, { recursive: true });
  for (const file of ["faultbook", "package.json", "package-lock.json"]) await copyFile(join(ROOT, file), join(root, file));
  await cp(join(ROOT, "cli", "setup"), join(root, "cli", "setup"), { recursive: true });
  await writeFile(
    join(root, "cli", "main.ts"),
    "console.log(JSON.stringify([process.cwd(), ...process.argv.slice(2)] satisfies string[]));",
  );
  if (npm !== "") {
    await writeFile(join(bin, "npm"), `#!/bin/sh\necho "$*" >>"${join(directory, "npm calls")}"\n${npm}\n`);
    await chmod(join(bin, "npm"), 0o755);
  }
  for (const tool of [
    "sh",
    "sed",
    "cksum",
    "dirname",
    "readlink",
    "tail",
    "flock",
    "mkdir",
    "mktemp",
    "mv",
    "rm",
    "tar",
    "uname",
    "cat",
    "sleep",
  ]) {
    const { stdout } = await runProgram("sh", ["-c", `command -v ${tool}`]);
    if (stdout !== "") await symlink(stdout.trim(), join(bin, tool));
  }
  const cache = join(directory, "cache");
  const env = { PATH: bin, HOME: directory, XDG_CACHE_HOME: cache };
  return {
    root,
    bin,
    cache,
    run: (...args: readonly string[]) => runProgram(join(root, "faultbook"), args, { env, cwd: directory }),
    calls: () => readFile(join(directory, "npm calls"), "utf8").catch(() => ""),
    directory,
  };
}

/** Node 24 under the name that the host's own would have. */
async function withNode(t: TestContext, npm: string) {
  const made = await clone(t, npm);
  await symlink(process.execPath, join(made.bin, "node"));
  return made;
}

const INSTALLS = "mkdir -p node_modules; sleep 0.3";

test("packages are installed once, from any directory, and again when the lock file is another", async (t) => {
  const { root, run, calls, directory } = await withNode(t, INSTALLS);
  const first = await run("version", "two words");
  assert.deepEqual(JSON.parse(first.stdout), [directory, "version", "two words"]);
  assert.match(first.stderr, /npm ci/);
  assert.equal((await run()).stderr, "");
  assert.equal(await calls(), "ci --ignore-scripts --no-audit --no-fund\n");

  await writeFile(join(root, "package-lock.json"), "{}");
  assert.match((await run()).stderr, /npm ci/);
  assert.equal((await calls()).split("\n").length, 3);
});

test("a link to the script finds its clone", async (t) => {
  const { root, run, directory } = await withNode(t, INSTALLS);
  await run();
  await symlink(join(root, "faultbook"), join(directory, "link"));
  const linked = await runProgram(join(directory, "link"), ["help"], { env: { PATH: join(directory, "bin"), HOME: directory } });
  assert.equal(linked.status, 0, linked.stderr);
});

test("two runs at the same time install once, and both go on", async (t) => {
  const { run, calls } = await withNode(t, INSTALLS);
  const both = await Promise.all([run("a"), run("b")]);
  assert.deepEqual(
    both.map(({ status }) => status),
    [0, 0],
  );
  assert.equal(await calls(), "ci --ignore-scripts --no-audit --no-fund\n");
});

test("a failing npm ci shows npm's last lines, ends with 1, and is tried again", async (t) => {
  const { run, calls } = await withNode(t, "echo 'npm error code ENOTFOUND' >&2; exit 1");
  const { status, stderr } = await run();
  assert.equal(status, 1);
  assert.match(stderr, / {4}npm error code ENOTFOUND\nfaultbook: npm ci failed/);
  await run();
  assert.equal((await calls()).trim().split("\n").length, 2);
});

test("without Node and without npm it says what to install", async (t) => {
  const { run } = await clone(t, "");
  const { status, stderr } = await run();
  assert.equal(status, 1);
  assert.match(stderr, /neither Node 24 nor npm.*\n {2}Install Node with npm/);
});

test("an old Node is passed over for the one inside npm's package, which is fetched once", async (t) => {
  const made = await clone(t, "");
  const version = /^version=(\S+)$/m.exec(await readFile(join(ROOT, "cli", "setup", "fetch-node.sh"), "utf8"))?.[1] ?? "";
  await writeFile(join(made.bin, "node"), "#!/bin/sh\necho v20.11.1\n");
  // A package of the form that npm has: package/bin/node, here a link to the Node that runs this test.
  const packed = join(made.directory, "packed");
  await mkdir(join(packed, "package", "bin"), { recursive: true });
  await symlink(process.execPath, join(packed, "package", "bin", "node"));
  const npm = `#!/bin/sh
echo "$*" >>"${join(made.directory, "npm calls")}"
case $1 in pack) tar -czf node.tgz -C "${packed}" package ;; *) mkdir -p node_modules ;; esac\n`;
  await writeFile(join(made.bin, "npm"), npm);
  for (const file of ["node", "npm"]) await chmod(join(made.bin, file), 0o755);
  // tar calls it by name for -z.
  await symlink((await runProgram("sh", ["-c", "command -v gzip"])).stdout.trim(), join(made.bin, "gzip"));

  const both = await Promise.all([made.run("a"), made.run("b")]);
  assert.deepEqual(
    both.map(({ status }) => status),
    [0, 0],
    both.map(({ stderr }) => stderr).join("\n"),
  );
  await access(join(made.cache, "faultbook", "0.1.0", "node", "bin", "node"));
  assert.match(both[0].stderr + both[1].stderr, /this machine has 20; fetching Node 24/);
  assert.match(await made.calls(), new RegExp(`^pack --silent node-linux-(x64|arm64)@${version}$`, "m"));
  const before = await made.calls();
  assert.equal((await made.run("c")).stderr, "");
  assert.equal(await made.calls(), before);
});

test("a Node package that npm can't fetch shows npm's words", async (t) => {
  const { run } = await clone(t, "echo 'npm error 404 Not Found' >&2; exit 1");
  const { status, stderr } = await run();
  assert.equal(status, 1);
  assert.match(stderr, / {4}npm error 404 Not Found\nfaultbook: npm could not fetch node-linux-/);
});
