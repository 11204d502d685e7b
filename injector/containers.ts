/**
 * Removes a session's containers and networks by their label, when the session can't. Speaks to the engine itself, with
 * nothing but Node, since the keeper must stay small. Source: Docker Engine API v1.40, ContainerList, ContainerDelete,
 * NetworkList, NetworkDelete.
 */
import { request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { DockerAddress } from "./messages.ts";

const API = "/v1.40";
const ANSWER_MS = 10_000;

/**
 * True when nothing with the label is left. What was just being created when its session died appears late, so it is looked
 * for twice; an engine that doesn't answer is asked again until `patience_ms` is over.
 */
export async function removeSession(docker: DockerAddress, label: string, patience_ms: number): Promise<boolean> {
  if (docker === null) return true;
  const deadline_ms = performance.now() + patience_ms;
  let clean = 0;
  while (performance.now() < deadline_ms) {
    try {
      clean = (await removeOnce(docker, label)) === 0 ? clean + 1 : 0;
    } catch {
      clean = 0;
    }
    if (clean === 2) return true;
    await sleep(500);
  }
  return false;
}

/** How many things there were to remove. Throws when the engine doesn't answer. */
async function removeOnce(docker: NonNullable<DockerAddress>, label: string): Promise<number> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`faultbook=${label}`] }));
  const containers = ids(await ask(docker, "GET", `/containers/json?all=true&filters=${filters}`));
  await Promise.allSettled(containers.map((id) => ask(docker, "DELETE", `/containers/${id}?force=true&v=true`)));
  const networks = ids(await ask(docker, "GET", `/networks?filters=${filters}`));
  await Promise.allSettled(networks.map((id) => ask(docker, "DELETE", `/networks/${id}`)));
  return containers.length + networks.length;
}

function ids(body: string): string[] {
  const list: unknown = JSON.parse(body);
  if (!Array.isArray(list)) throw new Error("the engine's list is not a list");
  return list.flatMap((entry: unknown) =>
    typeof entry === "object" && entry !== null && "Id" in entry && typeof entry.Id === "string" ? [entry.Id] : [],
  );
}

function ask(docker: NonNullable<DockerAddress>, method: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const query = request({ ...docker, method, path: API + path, timeout: ANSWER_MS }, (answer) => {
      const parts: Buffer[] = [];
      answer.on("data", (part: Buffer) => parts.push(part));
      answer.on("error", reject);
      answer.on("end", () => {
        const body = Buffer.concat(parts).toString();
        if ((answer.statusCode ?? 500) < 400) resolve(body);
        else reject(new Error(`${method} ${path}: ${answer.statusCode ?? 0} ${body}`));
      });
    });
    query.on("timeout", () => query.destroy(new Error(`${method} ${path}: no answer within ${ANSWER_MS} ms`)));
    query.on("error", reject);
    query.end();
  });
}
