/** `demo` on a small notebook of one service, one flow and one fault; the course's own notebook has its test elsewhere. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { connect } from "../../cli/setup/docker.ts";
import { SESSION_LABEL } from "../../kernel/engines/owner.ts";
import { faultbook, ROOT } from "./faultbook.ts";

const SERVER = `import http from "node:http";
import { appendFileSync } from "node:fs";
http.createServer((request, response) => {
  try {
    appendFileSync("/tmp/visits", request.url);
    response.end("kept");
  } catch (error) {
    response.writeHead(503).end(error.code);
  }
}).listen(8080);
process.on("SIGTERM", () => process.exit(0));
`;

const CELLS = [
  `store = service("store", interface("http", "http", 8080), build = "store", healthcheck = http("/"))

def visit():
    return store.get(path = "/visit")

full = fault_assumption("full", target = store, write = deny("ENOSPC"))`,
  `fault_matrix(scenarios = [visit], faults = [full], default_expect = lambda r: assert_eq(r.status, 503))`,
];

test("demo runs a notebook through the real kernel, says what fired, compares verdicts, and leaves nothing behind", async (t) => {
  const directory = await mkdtemp(join(tmpdir(), "faultbook demo "));
  t.after(() => rm(directory, { recursive: true }));
  await mkdir(join(directory, "store"));
  await writeFile(join(directory, "store", "server.mjs"), SERVER);
  await writeFile(
    join(directory, "store", "Dockerfile"),
    'FROM faultbook/node:24\nCOPY server.mjs /srv/\nCMD ["node", "/srv/server.mjs"]\n',
  );
  const path = join(directory, "small.ipynb");
  const write = (expected: object): Promise<void> =>
    writeFile(
      path,
      JSON.stringify({
        nbformat: 4,
        nbformat_minor: 5,
        metadata: { kernelspec: { name: "faultbook", display_name: "Faultbook" }, faultbook: { expected_verdicts: expected } },
        cells: CELLS.map((source, i) => ({ cell_type: "code", id: `cell-${i}`, metadata: {}, source, outputs: [], execution_count: null })),
      }),
    );

  await write({ "visit × full": "passed" });
  const good = await faultbook(["demo", "--notebook", path, "--out", join(directory, "out")], { timeout_ms: 300_000 });
  assert.equal(good.status, 0, good.stdout + good.stderr);
  assert.match(good.stdout, /visit.*full/s);
  assert.match(good.stdout, /deny\(no space left on device\) on write of store: fired [1-9]/);
  assert.match(good.stdout, /\/tmp\/visits/);
  assert.match(good.stdout, /No container is left\./);
  assert.match(good.stdout, /\.\/faultbook lab/);
  const picture = /^Picture {3}(.*\.png)$/m.exec(good.stdout)?.[1] ?? "";
  assert.deepEqual([...(await readFile(join(ROOT, picture))).subarray(1, 4)], [...Buffer.from("PNG")]);
  assert.match(await readFile(join(directory, "out", "small.ipynb"), "utf8"), /"application\/vnd\.vegalite\.v5\+json"/);
  const { docker } = connect();
  const left = await docker.listContainers({ all: true, filters: { label: [SESSION_LABEL], ancestor: ["faultbook/node:24"] } });
  assert.deepEqual(
    left.filter(({ Names }) => Names.some((name) => name.endsWith("-store"))),
    [],
  );

  await write({ "visit × full": "bypassed" });
  const surprised = await faultbook(["demo", "--notebook", path, "--out", join(directory, "out")], { timeout_ms: 300_000 });
  assert.equal(surprised.status, 2);
  assert.match(surprised.stdout, /visit × full: expected bypassed, found passed/);
});
