/** The version of this build, from the nearest package.json above: sources and compiled files lie at different depths. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

function readVersion(): string {
  let directory = import.meta.dirname;
  while (!existsSync(join(directory, "package.json"))) {
    const above = dirname(directory);
    if (above === directory) throw new Error(`no package.json above ${import.meta.dirname}`);
    directory = above;
  }
  const manifest: unknown = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
  if (typeof manifest !== "object" || manifest === null || !("version" in manifest) || typeof manifest.version !== "string") {
    throw new Error(`${join(directory, "package.json")} names no version`);
  }
  return manifest.version;
}

export const VERSION = readVersion();
