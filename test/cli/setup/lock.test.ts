import { spawn } from "node:child_process";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { test } from "node:test";
import { ROOT } from "../faultbook.ts";

/** Another process that says when it waits, when it has the lock, and keeps it until its input ends. */
function holder(t: TestContext, cache: string) {
  const program = `
    import { alone } from ${JSON.stringify(join(ROOT, "cli", "setup", "lock.ts"))};
    const step = { doing: () => console.log("waits"), done: () => undefined, failed: () => undefined };
    await alone(step, AbortSignal.timeout(20_000), async () => {
      console.log("holds");
      for await (const _ of process.stdin);
    });
    console.log("released");
    process.exit(0);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, XDG_CACHE_HOME: cache },
  });
  t.after(() => child.kill("SIGKILL"));
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
  const says = async (word: string): Promise<void> => {
    for (const end_ms = Date.now() + 20_000; !said.includes(word);) {
      if (Date.now() > end_ms) throw new Error(`never said ${word}, but: ${said}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return { child, says, release: () => child.stdin.end() };
}

test("one set-up at a time: the second waits, says so, and goes on when the first is done", async (t) => {
  const cache = `/nowhere/${process.pid}-a`;
  const first = holder(t, cache);
  await first.says("holds");
  const second = holder(t, cache);
  await second.says("waits");
  first.release();
  await second.says("holds");
});

test("a holder that is killed leaves no lock behind", async (t) => {
  const cache = `/nowhere/${process.pid}-b`;
  const first = holder(t, cache);
  await first.says("holds");
  first.child.kill("SIGKILL");
  await holder(t, cache).says("holds");
});

test("another cache directory is another lock", async (t) => {
  const first = holder(t, `/nowhere/${process.pid}-c`);
  await first.says("holds");
  await holder(t, `/nowhere/${process.pid}-d`).says("holds");
});
