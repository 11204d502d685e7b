/**
 * A build's directory as the engine gets it: the files that .dockerignore leaves, a hash of what they say, and a tar of them.
 * The hash decides whether an image must be built at all; times of files are in neither, since a fresh clone has new ones.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readdir, readFile, readlink, stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { pack } from "tar-stream";
import { Problem } from "../../model/problem.ts";
import { type Ignore, parseIgnore } from "./ignore.ts";

export interface Entry {
  /** Relative to the directory, with `/`. */
  readonly path: string;
  readonly kind: "file" | "directory" | "link";
  /** Permission bits. */
  readonly mode: number;
  /** Bytes; 0 for all but files. */
  readonly size: number;
  /** Where a link points; "" for all else. */
  readonly target: string;
}

/** Sent whatever .dockerignore says: the builder reads them itself. */
const ALWAYS = new Set(["Dockerfile", ".dockerignore"]);

/** Its entries in a fixed order. Problems: BUILD_DIRECTORY_NOT_FOUND, DOCKERFILE_NOT_FOUND. */
export async function readDirectory(directory: string): Promise<readonly Entry[]> {
  const found = await stat(directory).catch(() => undefined);
  if (found?.isDirectory() !== true) {
    throw new Problem(
      "BUILD_DIRECTORY_NOT_FOUND",
      "spec",
      found === undefined ? `there is no directory ${directory} to build from` : `${directory} is not a directory to build from`,
      "build= names a directory with a Dockerfile, relative to the file that the service is declared in.",
    );
  }
  const ignore = parseIgnore(await readFile(join(directory, ".dockerignore"), "utf8").catch(() => ""));
  const entries: Entry[] = [];
  await walk(directory, "", ignore, entries);
  if (!entries.some((entry) => entry.path === "Dockerfile" && entry.kind !== "directory")) {
    throw new Problem(
      "DOCKERFILE_NOT_FOUND",
      "spec",
      `there is no Dockerfile in ${directory}`,
      "Write one there, or declare the service with image= instead of build=.",
    );
  }
  return entries;
}

async function walk(directory: string, below: string, ignore: Ignore, entries: Entry[]): Promise<void> {
  const names = (await readdir(join(directory, below))).sort();
  const described = await Promise.all(names.map((name) => describe(directory, below === "" ? name : `${below}/${name}`)));
  for (const entry of described) {
    if (entry === undefined) continue;
    const excluded = ignore.excludes(entry.path) && !ALWAYS.has(entry.path);
    if (!excluded) entries.push(entry);
    if (entry.kind === "directory" && !(excluded && ignore.wholeDirectories)) await walk(directory, entry.path, ignore, entries);
  }
}

/** Sockets, pipes and devices can't be sent; the docker client leaves them out too. */
async function describe(directory: string, path: string): Promise<Entry | undefined> {
  const full = join(directory, path);
  const found = await lstat(full);
  const mode = found.mode & 0o7777;
  if (found.isSymbolicLink()) return { path, kind: "link", mode: 0o777, size: 0, target: await readlink(full) };
  if (found.isDirectory()) return { path, kind: "directory", mode, size: 0, target: "" };
  return found.isFile() ? { path, kind: "file", mode, size: found.size, target: "" } : undefined;
}

/** SHA-256 over what entries say and over `also` (the ids of the images it builds on), 16 hexadecimal digits of it. */
export async function hashOf(directory: string, entries: readonly Entry[], also: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const text of also) hash.update(`${JSON.stringify(text)}\n`);
  for (const entry of entries) {
    hash.update(`${JSON.stringify([entry.path, entry.kind, entry.mode, entry.target])}\n`);
    if (entry.kind !== "file") continue;
    const content = createHash("sha256");
    await pipeline(createReadStream(join(directory, entry.path)), content);
    hash.update(content.digest());
  }
  return hash.digest("hex").slice(0, 16);
}

/** The entries as a tar stream; a file that changes while it is read ends the stream with an error. */
export function tarOf(directory: string, entries: readonly Entry[]): Readable {
  const archive = pack();
  const write = async (): Promise<void> => {
    for (const { path, kind, mode, size, target } of entries) {
      const header = { name: path, mode, mtime: new Date(0), uid: 0, gid: 0 };
      if (kind === "directory") archive.entry({ ...header, type: "directory" });
      else if (kind === "link") archive.entry({ ...header, type: "symlink", linkname: target });
      else if (size === 0) archive.entry({ ...header, size: 0 }, "");
      else await pipeline(createReadStream(join(directory, path)), archive.entry({ ...header, size }));
    }
    archive.finalize();
  };
  write().catch((error: unknown) => archive.destroy(error instanceof Error ? error : new Error(String(error))));
  return Readable.from(archive, { objectMode: false });
}
