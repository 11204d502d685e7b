import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Resvg } from "@resvg/resvg-js";
import { kernelsDirectory } from "../../../cli/setup/kernelspec.ts";
import { pythonProgram } from "../../support/python.ts";
import { faultbook, ROOT, runProgram } from "../faultbook.ts";

interface Installed {
  readonly spec: unknown;
  readonly resource_dir: string;
}

test("install writes a kernelspec that Jupyter itself finds, and uninstall takes it away", async (t) => {
  const data = await mkdtemp(join(tmpdir(), "faultbook-jupyter-"));
  t.after(() => rm(data, { recursive: true }));
  const env = { ...process.env, JUPYTER_DATA_DIR: data, JUPYTER_PATH: "" };
  const list = async (): Promise<string> => (await runProgram(pythonProgram("jupyter-kernelspec"), ["list", "--json"], { env })).stdout;

  assert.doesNotMatch(await list(), /"faultbook"/);
  const installed = await faultbook(["install"], { env, timeout_ms: 120_000 });
  assert.equal(installed.status, 0, installed.stderr);
  const found = JSON.parse(await list()) as { readonly kernelspecs: { readonly faultbook: Installed } };
  const { spec, resource_dir } = found.kernelspecs.faultbook;
  assert.deepEqual(spec, {
    argv: [process.execPath, join(ROOT, "out", "js", "kernel", "jupyter", "main.js"), "{connection_file}"],
    env: {},
    display_name: "Faultbook",
    language: "starlark",
    interrupt_mode: "message",
    kernel_protocol_version: "5.5",
    metadata: { debugger: false },
  });
  assert.deepEqual(readdirSync(resource_dir).sort(), ["kernel.json", "logo-32x32.png", "logo-64x64.png", "logo-svg.svg"]);

  assert.match((await faultbook(["uninstall", "--user"], { env })).stdout, /removed from/);
  assert.doesNotMatch(await list(), /"faultbook"/);
  assert.match((await faultbook(["uninstall"], { env })).stdout, /No kernel/);
});

test("--prefix and --sys-prefix mean share/jupyter/kernels below", async () => {
  assert.equal(await kernelsDirectory({ kind: "prefix", prefix: "/opt/x" }), "/opt/x/share/jupyter/kernels");
  const prefix = (await runProgram("python3", ["-c", "import sys; print(sys.prefix)"])).stdout.trim();
  assert.equal(await kernelsDirectory({ kind: "sys-prefix" }), join(prefix, "share", "jupyter", "kernels"));
});

test("the logos are drawn from the SVG", async () => {
  const logo = join(ROOT, "cli", "setup", "logo");
  const svg = await readFile(join(logo, "logo-svg.svg"), "utf8");
  for (const size of [32, 64]) {
    const drawn = new Resvg(svg, { fitTo: { mode: "width", value: size } }).render().asPng();
    assert.deepEqual(await readFile(join(logo, `logo-${size}x${size}.png`)), drawn);
  }
});
