/**
 * The images of systems under test. The base comes from a registry where one answers, else from Debian's packages; the
 * others are built on it by the engine's own builder. Each carries the checksum of its recipe as a label, so that a second
 * run only looks. What npm or a registry has is fetched on the host: only apt runs inside a build.
 */
import { spawn } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { readFile, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import { pack } from "tar-stream";
import { Problem } from "../../model/problem.ts";
import { lastLines } from "../command.ts";
import { ROOT } from "../place.ts";
import { aptInstall, aptUsable } from "./apt.ts";
import { nodeBinary, pinnedNodeVersion } from "./node-binary.ts";
import type { Step } from "./progress.ts";
import { checksumOfDirectory } from "./stamp.ts";

const RECIPES = join(ROOT, "images");
export const BASE = "faultbook/base:12";
export const NODE = "faultbook/node:24";
export const POSTGRES = "faultbook/postgres:15";
/** All that set-up makes, the base first. */
export const IMAGES = [BASE, NODE, POSTGRES] as const;
const LABEL = "faultbook.recipe";
const DEBIAN = "debian:12-slim";
const REGISTRY_PATIENCE_MS = 6000;

/** A file that a build needs and that is not in its recipe's directory. */
interface Extra {
  readonly name: string;
  readonly path: string;
}

/** Makes what is missing or was made from another recipe. */
export async function makeImages(docker: Docker, step: Step, signal: AbortSignal): Promise<void> {
  const base = await checksumOfDirectory(join(RECIPES, "base"));
  const node = await checksumOfDirectory(join(RECIPES, "node"), base, await pinnedNodeVersion());
  const postgres = await checksumOfDirectory(join(RECIPES, "postgres"), base);
  if ((await recipeOf(docker, BASE)) !== base) await makeBase(docker, base, step, signal);
  await Promise.all([
    recipeOf(docker, NODE).then(async (recipe) => {
      if (recipe === node) return;
      const binary = await nodeBinary(step, signal);
      await build(docker, NODE, join(RECIPES, "node"), node, [{ name: "node", path: binary }], step, signal);
    }),
    recipeOf(docker, POSTGRES).then(async (recipe) => {
      if (recipe !== postgres) await build(docker, POSTGRES, join(RECIPES, "postgres"), postgres, [], step, signal);
    }),
  ]);
  step.done("base, node, postgres made");
}

/** The recipe's checksum that an image was made from; undefined when there is no such image. */
export async function recipeOf(docker: Docker, image: string): Promise<string | undefined> {
  try {
    const { Config } = await docker.getImage(image).inspect();
    // Spread, since the engine says null where there are no labels.
    return { ...Config.Labels }[LABEL] ?? "";
  } catch (error) {
    if (statusCode(error) === 404) return undefined;
    throw error;
  }
}

function statusCode(error: unknown): number | undefined {
  return error instanceof Error && "statusCode" in error && typeof error.statusCode === "number" ? error.statusCode : undefined;
}

async function makeBase(docker: Docker, recipe: string, step: Step, signal: AbortSignal): Promise<void> {
  step.doing("asking a registry for the base");
  const refusal = await registryRefusal(docker, signal);
  if (refusal === undefined) {
    step.doing(`pulling ${DEBIAN}`);
    await finished(docker, await docker.pull(DEBIAN, { abortSignal: signal }), BASE);
    await build(docker, BASE, join(RECIPES, "base"), recipe, [], step, signal);
    return;
  }
  const usable = aptUsable();
  if (usable !== true) {
    throw new Problem(
      "BASE_IMAGE_UNAVAILABLE",
      "system",
      `The base image can't be had: no registry answers (${refusal}), and it can't be made from Debian's packages here: ${usable}.`,
      `Make ${DEBIAN} available (docker pull ${DEBIAN}, or docker load), or run this once as root on Debian or Ubuntu.`,
    );
  }
  if (!existsSync("/usr/sbin/debootstrap")) {
    await aptInstall(["debootstrap", "debian-archive-keyring"], "debootstrap", step, signal);
  }
  step.doing("making the base from Debian's packages");
  await importBase(docker, recipe, signal);
}

/** Undefined when the image is here or a registry has it; else what the engine said of it, or that nothing came in time. */
async function registryRefusal(docker: Docker, signal: AbortSignal): Promise<string | undefined> {
  if ((await recipeOf(docker, DEBIAN)) !== undefined) return undefined;
  const patience = new AbortController();
  try {
    return await Promise.race([
      docker
        .getImage(DEBIAN)
        .distribution()
        .then(() => undefined),
      sleep(REGISTRY_PATIENCE_MS, `no answer within ${REGISTRY_PATIENCE_MS / 1000} s`, {
        signal: AbortSignal.any([signal, patience.signal]),
      }),
    ]);
  } catch (error) {
    signal.throwIfAborted();
    return error instanceof Error ? error.message : String(error);
  } finally {
    patience.abort();
  }
}

/** Imports what debootstrap.sh writes, from a pipe: no file of it is ever kept. */
async function importBase(docker: Docker, recipe: string, signal: AbortSignal): Promise<void> {
  const made = spawn("sh", [join(RECIPES, "base", "debootstrap.sh"), debianMirror()], { stdio: ["ignore", "pipe", "pipe"], signal });
  const lines: string[] = [];
  made.stderr.setEncoding("utf8").on("data", (text: string) => lines.push(...text.split("\n")));
  const ended = new Promise<number | null>((resolve, reject) => {
    made.once("error", reject);
    made.once("close", resolve);
  });
  const [repo, tag] = BASE.split(":");
  const changes = ['CMD ["bash"]', "ENV DEBIAN_FRONTEND=noninteractive LANG=C.UTF-8", `LABEL ${LABEL}=`];
  // Labelled under a name of its own at first: half a tar imports as well as a whole one.
  const imported = docker.importImage(made.stdout, { repo, tag: `${tag}-unfinished`, changes, abortSignal: signal });
  const [status] = await Promise.all([ended, imported.then((stream) => finished(docker, stream, BASE))]);
  const unfinished = docker.getImage(`${BASE}-unfinished`);
  if (status !== 0) {
    await unfinished.remove();
    const hint = "Is Debian's mirror reachable from this machine? Try: apt-get update";
    throw new Problem("BASE_IMAGE_FAILED", "system", `debootstrap failed:\n${lastLines(lines)}`, hint);
  }
  await buildImage(docker, BASE, [{ name: "Dockerfile", content: Buffer.from(`FROM ${BASE}-unfinished\n`) }], recipe, signal);
  await unfinished.remove();
}

/** The mirror that this machine's own apt uses, since it is reachable; Debian's main one on Ubuntu. */
function debianMirror(): string {
  const directory = "/etc/apt/sources.list.d";
  const files = ["/etc/apt/sources.list", ...(existsSync(directory) ? readdirSync(directory).map((name) => join(directory, name)) : [])];
  for (const file of files.filter((name) => existsSync(name))) {
    const uri = /^(?:URIs:|deb(?: \[.*\])?) +(https?:\/\/\S+\/debian\/?)(?=\s|$)/m.exec(readFileSync(file, "utf8"))?.[1];
    if (uri !== undefined) return uri;
  }
  return "http://deb.debian.org/debian";
}

async function build(
  docker: Docker,
  image: string,
  directory: string,
  recipe: string,
  extras: readonly Extra[],
  step: Step,
  signal: AbortSignal,
): Promise<void> {
  const files: ContextFile[] = [];
  for (const name of await readdir(directory)) files.push(await contextFile(name, join(directory, name)));
  for (const { name, path } of extras) files.push(await contextFile(name, path));
  step.doing(`building ${image}`);
  await buildImage(docker, image, files, recipe, signal);
}

export interface ContextFile {
  readonly name: string;
  readonly content: Buffer;
  readonly mode?: number;
}

async function contextFile(name: string, path: string): Promise<ContextFile> {
  return { name, content: await readFile(path), mode: (await stat(path)).mode & 0o755 };
}

/** Builds from these files, with the recipe's checksum as a label. Problems: IMAGE_NOT_BUILT. */
/** Builds from these files, with the recipe's checksum as a label. Problems: IMAGE_NOT_BUILT. */
export async function buildImage(
  docker: Docker,
  image: string,
  files: readonly ContextFile[],
  recipe: string,
  signal: AbortSignal,
): Promise<void> {
  const context = pack();
  for (const { name, content, mode } of files) context.entry({ name, mode: mode ?? 0o644, mtime: new Date(0) }, content);
  context.finalize();
  // Proxy settings of the environment are needed inside a build as much as outside; the builder knows them by these names.
  const names = ["http_proxy", "https_proxy", "no_proxy"];
  const buildargs = Object.fromEntries(names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
  const stream = await docker.buildImage(Readable.from(context), {
    t: image,
    labels: { [LABEL]: recipe },
    buildargs,
    rm: true,
    forcerm: true,
    abortSignal: signal,
  });
  await finished(docker, stream, image);
}

/** Reads the engine's answer to its end; an error in it is thrown with the log's last lines. */
async function finished(docker: Docker, stream: NodeJS.ReadableStream, image: string): Promise<void> {
  const lines: string[] = [];
  const failure = await new Promise<string | undefined>((resolve, reject) => {
    let said: string | undefined;
    const onProgress = (event: unknown): void => {
      if (typeof event !== "object" || event === null) return;
      if ("stream" in event && typeof event.stream === "string") {
        lines.push(...event.stream.split("\n"));
      }
      if ("error" in event && typeof event.error === "string") said = event.error;
    };
    docker.modem.followProgress(stream, (error) => (said === undefined && error !== null ? reject(error) : resolve(said)), onProgress);
  });
  if (failure !== undefined) {
    const hint = "The lines above are the build's last ones. When packages can't be fetched: is the mirror reachable from a container?";
    throw new Problem("IMAGE_NOT_BUILT", "system", `${image} could not be built: ${failure}\n${lastLines(lines)}`, hint);
  }
}
