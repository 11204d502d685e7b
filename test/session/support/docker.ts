/** Looking at containers from outside, by the docker command line. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";

export function docker(...args: string[]): string {
  return execFileSync("docker", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
}

/** Id of the running container of a service; there is one as long as one session runs. */
export function containerOf(service: string): string {
  const ids = docker("ps", "-q", "--filter", `label=faultbook.service=${service}`).split("\n").filter(Boolean);
  const [id, ...others] = ids;
  if (id === undefined || others.length > 0) throw new Error(`${ids.length} containers run for ${service}`);
  return id;
}

export function logsOf(service: string): string {
  return execFileSync("sh", ["-c", `docker logs ${containerOf(service)} 2>&1`], { encoding: "utf8", maxBuffer: 1 << 26 });
}

/** Containers and networks that carry our label. */
export function ours(): readonly string[] {
  const containers = docker("ps", "-aq", "--filter", "label=faultbook").split("\n");
  const networks = docker("network", "ls", "-q", "--filter", "label=faultbook").split("\n");
  return [...containers, ...networks].filter(Boolean);
}

/** Pids of our programs by their path's end, such as "injector/main.ts", that descend from nobody else's test run. */
export function programs(suffix: string): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8")
          .split("\0")
          .some((argument) => argument.endsWith(suffix));
      } catch {
        return false; // it ended meanwhile
      }
    })
    .map(Number);
}

/** Polls until `holds` answers true; fails after the limit with what it was waiting for. */
export async function eventually(what: string, holds: () => boolean | Promise<boolean>, limit_ms = 10_000): Promise<void> {
  const until_ms = performance.now() + limit_ms;
  while (!(await holds())) {
    if (performance.now() > until_ms) throw new Error(`not within ${limit_ms} ms: ${what}`);
    await setTimeout(50);
  }
}
