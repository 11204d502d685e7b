/**
 * The Node binary that goes into images: npm's, also where the host's own Node runs faultbook, since that one may be
 * linked to libraries that an image doesn't have.
 */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Problem } from "../../model/problem.ts";
import { lastLines, runCommand } from "../command.ts";
import { CACHE, ROOT } from "../place.ts";
import type { Step } from "./progress.ts";

const FETCH = join(ROOT, "cli", "setup", "fetch-node.sh");
const DIRECTORY = join(CACHE, "node");

/** The version that fetch-node.sh pins. */
export async function pinnedNodeVersion(): Promise<string> {
  const version = /^version=(\S+)$/m.exec(await readFile(FETCH, "utf8"))?.[1];
  if (version === undefined) throw new Error(`${FETCH} pins no version`);
  return version;
}

/** Path of the binary, fetched where it is missing. */
export async function nodeBinary(step: Step, signal: AbortSignal): Promise<string> {
  const binary = join(DIRECTORY, "bin", "node");
  if (!existsSync(binary)) {
    step.doing("fetching Node for the images");
    const { status, lines } = await runCommand("sh", [FETCH, DIRECTORY], { signal });
    if (status !== 0) {
      throw new Problem(
        "NODE_NOT_FETCHED",
        "system",
        `Node could not be fetched from npm:\n${lastLines(lines)}`,
        "Is npm's registry reachable? Try: npm ping",
      );
    }
  }
  return binary;
}
