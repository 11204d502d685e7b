/** What a finished step leaves behind to be recognised by: the checksum of its inputs, in a file beside its result. */
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rename, stat, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";

/** SHA-256 in hexadecimal, 16 digits, over texts; each is told apart from its neighbours. */
export function checksum(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(String(part.length)).update("\0").update(part);
  return hash.digest("hex").slice(0, 16);
}

/** Over a directory's files: names, contents, and whether they can be executed. */
export async function checksumOfDirectory(directory: string, ...more: readonly string[]): Promise<string> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const parts: (string | Uint8Array)[] = [...more];
  for (const file of files) {
    const { mode } = await stat(file);
    parts.push(relative(directory, file), (mode & 0o111) === 0 ? "-" : "x", await readFile(file));
  }
  return checksum(...parts);
}

export async function hasStamp(file: string, wanted: string): Promise<boolean> {
  try {
    return (await readFile(file, "utf8")) === wanted;
  } catch {
    return false;
  }
}

/** Written beside and renamed, so that a reader never sees half of it. */
export async function writeWhole(file: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const beside = `${file}.${process.pid}`;
  await writeFile(beside, content);
  await rename(beside, file);
}
