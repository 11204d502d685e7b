/**
 * An image from a directory with a Dockerfile, by the engine's own builder. The tag holds a hash of the content and of the
 * images it starts from, so an unchanged directory costs one look and no upload, and a new base is not missed.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type Dockerode from "dockerode";
import { Problem } from "../../model/problem.ts";
import { chunksOf } from "./chunks.ts";
import { hashOf, readDirectory, tarOf } from "./directory.ts";
import { baseImages } from "./dockerfile.ts";
import { saidBy } from "./failures.ts";
import { findImage, obtainImage } from "./image.ts";
import { within } from "./limit.ts";
import { progressLines, textOf } from "./ndjson.ts";

const BUILD_MS = 30 * 60_000;
const LAST_LINES = 15;

/**
 * The tag of the built image. Problems: BUILD_DIRECTORY_NOT_FOUND, DOCKERFILE_NOT_FOUND, BUILD_FAILED, and those of the images
 * that the Dockerfile starts from (IMAGE_NOT_FOUND, REGISTRY_UNREACHABLE).
 */
export async function buildImage(
  docker: Dockerode,
  service: string,
  directory: string,
  tell: (text: string) => void,
  signal: AbortSignal,
): Promise<string> {
  const entries = await readDirectory(directory);
  const bases = baseImages(await readFile(join(directory, "Dockerfile"), "utf8"));
  const ids = await Promise.all(bases.map((base) => obtainImage(docker, base, tell, signal)));
  const tag = `faultbook/build-${repositoryPart(service)}:${await hashOf(directory, entries, ids)}`;
  if ((await findImage(docker, tag, signal)) !== undefined) return tag;

  tell("building");
  await within(BUILD_MS, signal, `building ${service}`, async (stop) => {
    const archive = tarOf(directory, entries);
    const lines: string[] = [];
    try {
      const options = { t: tag, rm: true, forcerm: true, labels: { "faultbook.build": service }, abortSignal: stop };
      const stream = await docker.buildImage(archive, options);
      for await (const line of progressLines(chunksOf(stream))) {
        const error = textOf(line, "error");
        if (error !== "") throw buildProblem(service, directory, error, lines);
        for (const text of textOf(line, "stream").split("\n")) if (text.trim() !== "") lines.push(text.trimEnd());
        const step = /^Step (\d+\/\d+) : (.*)/.exec(lines.at(-1) ?? "");
        if (step !== null) tell(`building: step ${step[1] ?? ""}, ${step[2] ?? ""}`);
        if (lines.length > LAST_LINES * 4) lines.splice(0, lines.length - LAST_LINES);
      }
    } catch (error) {
      stop.throwIfAborted();
      throw error instanceof Problem ? error : buildProblem(service, directory, saidBy(error), lines);
    } finally {
      archive.destroy();
    }
  });
  return tag;
}

/** A repository's name is lower case with few signs; a name that has others gets a hash so that two can't meet. */
function repositoryPart(service: string): string {
  if (/^[a-z0-9]+([._-][a-z0-9]+)*$/.test(service)) return service;
  const plain = service
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
  return `${plain}-${createHash("sha256").update(service).digest("hex").slice(0, 6)}`.replace(/^-/, "");
}

function buildProblem(service: string, directory: string, error: string, lines: readonly string[]): Problem {
  const last = lines.slice(-LAST_LINES).map((line) => `  ${line}`);
  const kit = /requires BuildKit|unknown flag: mount|Unknown flag: mount|dockerfile parse error/i.test(error)
    ? " The engine's classic builder is used: syntax that only BuildKit knows (RUN --mount, here-documents) must go, or build it yourself and use image=."
    : "";
  return new Problem(
    "BUILD_FAILED",
    "spec",
    [`the image of ${service} can't be built: ${error}`, ...(last.length === 0 ? [] : ["The builder's last lines:", ...last])].join("\n"),
    `Build it by hand to see everything: docker build ${directory}${kit}`,
  );
}
