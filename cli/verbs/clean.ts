/**
 * `faultbook clean`: what faultbook left on this machine, listed and, once agreed to, removed. What a session that runs is
 * using stays.
 */
import { existsSync } from "node:fs";
import { readFile, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import { lifeOf, OWNER_LABEL, SESSION_LABEL } from "../../kernel/engines/owner.ts";
import { removeContainer, removeNetwork } from "../../kernel/engines/removal.ts";
import { Problem } from "../../model/problem.ts";
import { CACHE, CACHES, OUT } from "../place.ts";
import { connect, engineTrouble, ownDaemon, stopOwnDaemon } from "../setup/docker.ts";
import type { Verb } from "../verb.ts";
import { readArguments } from "../verb.ts";

const ENDING_MS = 10_000;

interface Leftover {
  /** For the list: "container faultbook-4f2a-db". */
  readonly what: string;
  readonly remove: () => Promise<unknown>;
}

export const clean: Verb = {
  usage: "clean [--yes]",
  async run(args) {
    const { values } = readArguments(args, clean.usage, { yes: { type: "boolean" } });
    const engine = connect();
    const trouble = await engineTrouble(engine);
    if (trouble !== undefined) console.log(`Docker's things are left out: ${trouble.message}`);
    const inEngine = trouble === undefined ? await leftInEngine(engine.docker) : { leftovers: [], inUse: [] };
    // Beside a session that runs, only what dead ones left is taken: the rest is what it runs on.
    const more = inEngine.inUse.length > 0 ? [] : [...(await processes()), ...(await daemon()), ...(await files())];
    const leftovers = [...inEngine.leftovers, ...more];
    for (const name of inEngine.inUse) console.log(`stays, a session that runs uses it: ${name}`);
    if (leftovers.length === 0) {
      console.log("Nothing of faultbook's is left here.");
      return 0;
    }
    for (const { what } of leftovers) console.log(what);
    if (values.yes !== true && !(await agreed())) return 1;
    // In this order: containers before their networks and images, the daemon after both, the log of the daemon last.
    for (const { what, remove } of leftovers) {
      await remove();
      console.log(`removed: ${what}`);
    }
    return 0;
  },
};

async function agreed(): Promise<boolean> {
  if (!process.stdin.isTTY) {
    console.log("Nothing was removed: nobody is there to be asked. To remove all of it: faultbook clean --yes");
    return false;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^\s*y(es)?\s*$/i.test(await terminal.question("Remove all of these? [y/N] "));
  } finally {
    terminal.close();
  }
}

async function leftInEngine(docker: Docker): Promise<{ readonly leftovers: readonly Leftover[]; readonly inUse: readonly string[] }> {
  const filters = { label: [SESSION_LABEL] };
  const [containers, networks, images] = await Promise.all([
    docker.listContainers({ all: true, filters }),
    docker.listNetworks({ filters }),
    docker.listImages(),
  ]);
  const leftovers: Leftover[] = [];
  const inUse: string[] = [];
  const add = (what: string, owner: string | undefined, remove: () => Promise<void>): void => {
    if (owner !== undefined && lifeOf(owner) === "alive") inUse.push(what);
    else leftovers.push({ what, remove });
  };
  for (const { Id, Names, Labels } of containers) {
    add(`container ${(Names[0] ?? Id).replace(/^\//, "")}`, Labels[OWNER_LABEL], () => removeContainer(docker, Id));
  }
  for (const { Id, Name, Labels } of networks) add(`network ${Name}`, Labels?.[OWNER_LABEL], () => removeNetwork(docker, Id));
  if (inUse.length > 0) return { leftovers, inUse };
  const tags = images.flatMap(({ RepoTags }) => RepoTags ?? []).filter((tag) => tag.startsWith("faultbook/"));
  // Images that others are made from come last.
  const rank = (tag: string): number => (tag.startsWith("faultbook/base:") ? 2 : tag.startsWith("faultbook/build-") ? 0 : 1);
  for (const tag of tags.sort((a, b) => rank(a) - rank(b))) {
    leftovers.push({ what: `image ${tag}`, remove: () => docker.getImage(tag).remove({ force: true }) });
  }
  return { leftovers, inUse };
}

/**
 * Injectors and keepers whose session is gone. They end by themselves once the last process under a filter has, and that is
 * waited for: killed before, they would leave such a process with calls that nobody answers.
 */
async function processes(): Promise<readonly Leftover[]> {
  const found: Leftover[] = [];
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const command = (await readFile(join("/proc", entry, "cmdline"), "utf8").catch(() => "")).split("\0");
    const role = /\/injector\/(keeper|main)\.(?:ts|js)$/.exec(command[1] ?? "")?.[1];
    const parent = /^PPid:\t(\d+)$/m.exec(await readFile(join("/proc", entry, "status"), "utf8").catch(() => ""))?.[1];
    // One whose parent lives belongs to a session that runs.
    if (role === undefined || parent !== "1") continue;
    const what = `process ${entry}, ${role === "main" ? "an injector" : "a keeper"} whose session is gone`;
    found.push({ what, remove: () => waitForEnd(entry, what) });
  }
  return found;
}

async function waitForEnd(pid: string, what: string): Promise<void> {
  for (const end_ms = performance.now() + ENDING_MS; existsSync(join("/proc", pid));) {
    if (performance.now() > end_ms) {
      throw new Problem(
        "KEEPER_STAYS",
        "system",
        `${what}, still answers for a process under its filter.`,
        "It ends with the last of these; see which process was meant: the ones whose /proc/PID/status says Seccomp: 2.",
      );
    }
    await sleep(100);
  }
}

async function daemon(): Promise<readonly Leftover[]> {
  const pid = await ownDaemon();
  if (pid === undefined) return [];
  const remove = async (): Promise<void> => {
    if (!(await stopOwnDaemon(pid))) throw new Error(`dockerd (pid ${pid}) did not end within 30 s`);
  };
  return [{ what: `process ${pid}, the Docker daemon that faultbook started`, remove }];
}

/** Other versions' state is theirs; that a daemon was installed by us stays known, or the next set-up could not start it. */
async function files(): Promise<readonly Leftover[]> {
  const found: Leftover[] = [];
  for (const [directory, what] of [
    [CACHE, "Node and the Python environment"],
    [OUT, "compiled kernel, outputs of the demo"],
    [join(CACHES, "docker", "dockerd.log"), "log of the Docker daemon"],
  ] as const) {
    const there = await readdir(directory).catch((error: unknown) =>
      error instanceof Error && "code" in error && error.code === "ENOTDIR" ? ["file"] : [],
    );
    if (there.length > 0) found.push({ what: `${directory} (${what})`, remove: () => rm(directory, { recursive: true, force: true }) });
  }
  return found;
}
