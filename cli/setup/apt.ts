/** Debian's and Ubuntu's packages, where we are root there. One call of apt at a time, since it locks its database. */
import { existsSync, readFileSync } from "node:fs";
import { Problem } from "../../model/problem.ts";
import { lastLines, runCommand } from "../command.ts";
import type { Step } from "./progress.ts";

/** "debian", "ubuntu", or another ID of os-release(5); "" where there is none. */
export function distribution(): string {
  try {
    return /^ID="?([^"\n]*)"?$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "";
  } catch {
    return "";
  }
}

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** Whether packages can be installed here, or why not. */
export function aptUsable(): true | string {
  const system = distribution();
  if (!["debian", "ubuntu"].includes(system)) return `this is ${system === "" ? "no Debian" : system}, not Debian or Ubuntu`;
  if (!isRoot()) return "we are not root";
  return existsSync("/usr/bin/apt-get") || "there is no apt-get";
}

const OPTIONS = ["-q", "-y", "-o", "DPkg::Lock::Timeout=300"];
let queue: Promise<unknown> = Promise.resolve();

/** Installs packages without what they only recommend; `what` names them for the person who waits. */
export async function aptInstall(packages: readonly string[], what: string, step: Step, signal: AbortSignal): Promise<void> {
  const usable = aptUsable();
  if (usable !== true) {
    throw new Problem(
      "PACKAGE_MISSING",
      "system",
      `${what} is missing, and can't be installed from here: ${usable}.`,
      `Install it yourself; on Debian or Ubuntu, as root: apt-get install ${packages.join(" ")}`,
    );
  }
  const turn = queue.then(async () => {
    step.doing(`installing ${what}`);
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C.UTF-8" };
    const install = () => runCommand("apt-get", [...OPTIONS, "install", "--no-install-recommends", ...packages], { env, signal });
    let result = await install();
    if (result.status !== 0) {
      // Lists are missing or too old for the mirror: the usual reason, and cured by an update.
      await runCommand("apt-get", [...OPTIONS, "update"], { env, signal });
      result = await install();
    }
    if (result.status !== 0) {
      const hint = `The lines above are apt's. Try it by hand: apt-get install ${packages.join(" ")}`;
      throw new Problem("APT_FAILED", "system", `apt-get could not install ${packages.join(", ")}:\n${lastLines(result.lines)}`, hint);
    }
  });
  queue = turn.catch(() => undefined);
  await turn;
}
