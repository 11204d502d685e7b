/** The npm packages of the demo systems' services: fetched on the host, where the registry is reachable, and copied into images. */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { Problem } from "../../model/problem.ts";
import { lastLines, runCommand } from "../command.ts";
import { ROOT } from "../place.ts";
import type { Step } from "./progress.ts";
import { checksum, hasStamp, writeWhole } from "./stamp.ts";

const SYSTEMS = join(ROOT, "notebooks", "services");

export async function fetchServicePackages(step: Step, signal: AbortSignal): Promise<void> {
  const wanted: { readonly directory: string; readonly lock: string }[] = [];
  for (const directory of await servicesWithPackages()) {
    const lock = checksum(await readFile(join(directory, "package-lock.json")));
    if (!(await hasStamp(stampOf(directory), lock))) wanted.push({ directory, lock });
  }
  if (wanted.length === 0) return;
  step.doing("fetching the demo services' packages");
  for (const { directory, lock } of wanted) {
    const { status, lines } = await runCommand("npm", ["ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"], {
      cwd: directory,
      signal,
    });
    if (status !== 0) {
      const hint = "The lines above are npm's. Is the registry reachable (npm ping)?";
      throw new Problem("SERVICE_PACKAGES_FAILED", "system", `npm ci failed in ${directory}:\n${lastLines(lines)}`, hint);
    }
    await writeWhole(stampOf(directory), lock);
  }
  step.done("packages of the demo services fetched");
}

function stampOf(service: string): string {
  return join(service, "node_modules", ".package-lock-stamp");
}

async function servicesWithPackages(): Promise<readonly string[]> {
  const found: string[] = [];
  for (const system of await readdir(SYSTEMS)) {
    for (const service of await readdir(join(SYSTEMS, system))) {
      const directory = join(SYSTEMS, system, service);
      const lock = await stat(join(directory, "package-lock.json")).catch(() => undefined);
      if (lock !== undefined) found.push(directory);
    }
  }
  return found;
}
