/** Finds an image here or fetches it from its registry, and tells apart why it can't be had. It builds nothing. */
import type Dockerode from "dockerode";
import { didYouMean } from "../../model/nearest.ts";
import { Problem } from "../../model/problem.ts";
import { chunksOf } from "./chunks.ts";
import { saidBy, statusOf } from "./failures.ts";
import { REQUEST_MS, within } from "./limit.ts";
import { progressLines, textOf } from "./ndjson.ts";

/** Pulling a large image over a slow line takes long; no answer at all for this long is a registry that can't be reached. */
const PULL_MS = 30 * 60_000;

/** Loosely: registry, path, tag, digest. The engine knows better, but a blank would not even reach it. */
const NAME = /^[\w.:/@+-]+$/;

/** The id of an image that is here; undefined when it is not. */
export async function findImage(docker: Dockerode, image: string, signal: AbortSignal): Promise<string | undefined> {
  return within(REQUEST_MS, signal, `looking for the image ${image}`, async () => {
    try {
      return (await docker.getImage(image).inspect()).Id;
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      if (statusOf(error) === 400 || /invalid reference format/.test(saidBy(error))) throw badName(image, error);
      throw error;
    }
  });
}

/** The id of an image, pulled where it isn't here. Problems: IMAGE_NOT_FOUND, REGISTRY_UNREACHABLE, IMAGE_NAME_INVALID. */
export async function obtainImage(docker: Dockerode, image: string, tell: (text: string) => void, signal: AbortSignal): Promise<string> {
  if (!NAME.test(image)) throw badName(image, new Error("it has signs that a name can't have"));
  const here = await findImage(docker, image, signal);
  if (here !== undefined) return here;
  tell(`pulling ${image}`);
  try {
    await within(PULL_MS, signal, `pulling ${image}`, (stop) => pull(docker, image, tell, stop));
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof Problem ? error : await pullProblem(docker, image, error);
  }
  const pulled = await findImage(docker, image, signal);
  if (pulled === undefined) throw await pullProblem(docker, image, new Error("the pull ended without an image"));
  return pulled;
}

async function pull(docker: Dockerode, image: string, tell: (text: string) => void, stop: AbortSignal): Promise<void> {
  // Without a tag the API would pull every tag of the repository.
  const tagged = /(:[^/]+|@[^/]+)$/.test(image) ? image : `${image}:latest`;
  const stream = await docker.createImage({ fromImage: tagged, abortSignal: stop });
  const layers = new Map<string, string>();
  for await (const line of progressLines(chunksOf(stream))) {
    const error = textOf(line, "error");
    if (error !== "") throw new Error(error);
    const layer = textOf(line, "id");
    if (layer === "") continue;
    layers.set(layer, textOf(line, "status"));
    const done = [...layers.values()].filter((status) => /complete|exists/i.test(status)).length;
    tell(`pulling ${image}: ${done} of ${layers.size} layers`);
  }
}

function badName(image: string, cause: unknown): Problem {
  return new Problem(
    "IMAGE_NAME_INVALID",
    "spec",
    `"${image}" is no name of an image: ${saidBy(cause)}`,
    'Names look like "postgres:15" or "registry.example/team/api:2.1", in lower case.',
    { cause },
  );
}

async function pullProblem(docker: Dockerode, image: string, cause: unknown): Promise<Problem> {
  const said = saidBy(cause);
  if (/invalid reference format|repository name must be/.test(said)) return badName(image, cause);
  const local = await localNames(docker);
  const meant = didYouMean(image, local);
  const locals = local.length === 0 ? "There are no images here." : `Images here: ${some(local)}.`;
  if (
    /not found|manifest unknown|does not exist|access denied|denied:|unauthorized|no matching manifest/i.test(said) &&
    !/no such host/i.test(said)
  ) {
    return new Problem(
      "IMAGE_NOT_FOUND",
      "spec",
      `there is no image ${image}${meant}; its registry says: ${said}`,
      `${locals} A private image must be fetched by hand first: docker login, docker pull ${image}`,
      { cause },
    );
  }
  return new Problem(
    "REGISTRY_UNREACHABLE",
    "system",
    `the image ${image} is not here${meant}, and its registry can't be reached: ${said}`,
    `${locals} Build the image here (build= with a directory, or docker build -t ${image} …), or give Docker a way to the registry.`,
    { cause },
  );
}

async function localNames(docker: Dockerode): Promise<readonly string[]> {
  try {
    const images = await within(REQUEST_MS, undefined, "listing images", () => docker.listImages());
    // RepoTags is null for an image without a name, whatever the types say.
    const names = images.flatMap((image) => (image.RepoTags as readonly string[] | null | undefined) ?? []);
    return names.filter((name) => !name.startsWith("<none>") && !name.startsWith("faultbook/build-")).sort();
  } catch {
    // The problem to be told is the image's; a list that fails now adds nothing.
    return [];
  }
}

function some(names: readonly string[]): string {
  return names.length <= 12 ? names.join(", ") : `${names.slice(0, 12).join(", ")} and ${names.length - 12} more`;
}
