/** A session that can't hear that the kernel has gone. */
import { test } from "node:test";
import { KernelUnderTest } from "./support/client.ts";
import { alive, eventually } from "./support/waiting.ts";

test("a session whose thread is held does not outlive the kernel for long", async () => {
  await using kernel = await KernelUnderTest.start();
  const client = await kernel.connect();
  // Longer than the slack after which the leash is there.
  await client.execute("sleep 1500");
  const session = Number((await kernel.logged("start")).split(" ")[1]);
  const held = client.startExecute("block 600000");
  await client.publishedFor(held, (one) => one.type === "execute_input");
  kernel.process.kill("SIGKILL");
  await eventually("the session's end", () => !alive(session) || undefined, 40_000);
});
