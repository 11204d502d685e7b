/** The kernel under the programs that its users have: jupyter_client and nbclient, started through a kernelspec. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { pythonProgram } from "../support/python.ts";
import { alive, eventually } from "./support/waiting.ts";
import { JupyterHome, STANDIN } from "./support/kernelspec.ts";

const DRIVE = join(import.meta.dirname, "support", "drive.py");

/** What the Python program printed, whatever it died of. */
async function drive(step: string): Promise<Record<string, unknown>> {
  using home = new JupyterHome(STANDIN);
  const { stdout, stderr } = await new Promise<{ stdout: string; stderr: string }>((resolve) => {
    const options = { env: home.env, timeout: 60_000, maxBuffer: 64 * 1024 * 1024 };
    execFile(pythonProgram("python"), [DRIVE, step, home.name], options, (_, stdout, stderr) => resolve({ stdout, stderr }));
  });
  assert.notEqual(stdout, "", stderr);
  const result: unknown = JSON.parse(stdout);
  assert.ok(typeof result === "object" && result !== null);
  return Object.fromEntries(Object.entries(result));
}

test("jupyter_client gets 20,000 lines, all of them, before idle", async () => {
  const { text, last, status } = await drive("lines");
  assert.equal(text, Array.from({ length: 20_000 }, (_, n) => `line ${n}\n`).join(""));
  assert.deepEqual(last, { execution_state: "idle" });
  assert.equal(status, "ok");
});

test("jupyter_client's interrupt and a SIGINT end the cell and nothing else", async () => {
  assert.deepEqual(await drive("interrupt"), { statuses: ["KeyboardInterrupt", "KeyboardInterrupt", "ok"] });
});

test("jupyter_client's shutdown during a cell is quick and leaves no process", async () => {
  const { took_s, kernel, session } = await drive("shutdown");
  assert.deepEqual({ kernel, session }, { kernel: true, session: true });
  // Otherwise it would have waited for its own SIGTERM, after half of 5 s.
  assert.ok(Number(took_s) < 2.5, `${String(took_s)} s`);
});

test("jupyter_client's restart gives a new kernel, the old one and its session are gone", async () => {
  assert.deepEqual(await drive("restart"), { count: 1, text: "again\n", same: false, gone: true });
});

test("a server killed without a word takes kernel and session along", async () => {
  const { kernel, session } = await drive("orphan");
  await eventually("the kernel's end", () => !alive(Number(kernel)) || undefined);
  await eventually("the session's end", () => !alive(Number(session)) || undefined);
});

test("nbclient runs a notebook: outputs in their cells, updates applied, expected errors passed over", async () => {
  const { cells } = await drive("notebook");
  const error = { output_type: "error", ename: "Expected", evalue: "x", traceback: ["Expected: x"] };
  assert.ok(Array.isArray(cells));
  const [one, display, failing, chart] = cells.map((cell: unknown) => JSON.stringify(cell));
  assert.equal(
    one,
    JSON.stringify([
      1,
      [
        { output_type: "stream", name: "stdout", text: "one\n" },
        { output_type: "execute_result", metadata: {}, data: { "text/plain": "42" }, execution_count: 1 },
      ],
    ]),
  );
  assert.equal(display, JSON.stringify([2, [{ output_type: "display_data", metadata: {}, data: { "text/plain": "second" } }]]));
  assert.deepEqual(JSON.parse(failing ?? ""), [3, [error]]);
  assert.match(chart ?? "", /application\/vnd\.vegalite\.v5\+json/);
});
