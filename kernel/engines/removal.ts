/**
 * Removes containers and networks by their labels, and can be told to twice: what is gone already, or being removed by
 * somebody else at the same time, counts as removed. Also what dead sessions have left (`sweep`).
 */
import type Dockerode from "dockerode";
import { saidBy, statusOf } from "./failures.ts";
import { pause, REQUEST_MS, within } from "./limit.ts";
import { lifeOf, OWNER_LABEL, SESSION_LABEL } from "./owner.ts";

/** Removes everything with this label (`faultbook=NAME`, or `faultbook` for any session); names of what was removed. */
export async function removeSession(docker: Dockerode, session: string): Promise<readonly string[]> {
  const filters = { label: [`${SESSION_LABEL}=${session}`] };
  const [containers, networks] = await within(REQUEST_MS, undefined, "listing what is ours", () =>
    Promise.all([docker.listContainers({ all: true, filters }), docker.listNetworks({ filters })]),
  );
  await Promise.all(containers.map((container) => removeContainer(docker, container.Id)));
  await Promise.all(networks.map((network) => removeNetwork(docker, network.Id)));
  return [
    ...containers.map((container) => (container.Names[0] ?? container.Id).replace(/^\//, "")),
    ...networks.map((network) => network.Name),
  ];
}

/** Removes a container with its anonymous volumes, running or not, and waits until it is gone. */
export async function removeContainer(docker: Dockerode, id: string): Promise<void> {
  const container = docker.getContainer(id);
  await within(REQUEST_MS, undefined, "removing a container", async (stop) => {
    for (;;) {
      try {
        await container.remove({ force: true, v: true });
        return;
      } catch (error) {
        if (statusOf(error) === 404) return;
        if (!(statusOf(error) === 409 && /already in progress/.test(saidBy(error)))) throw error;
      }
      // Somebody else is at it; asked again it answers 404 when they are done.
      await pause(50, stop);
    }
  });
}

/** Removes a network, once the containers that are just being removed have left it. */
export async function removeNetwork(docker: Dockerode, id: string): Promise<void> {
  const network = docker.getNetwork(id);
  const end_ms = Date.now() + 5000;
  await within(REQUEST_MS, undefined, "removing a network", async (stop) => {
    for (;;) {
      try {
        await network.remove();
        return;
      } catch (error) {
        if (statusOf(error) === 404) return;
        if (!/active endpoints/.test(saidBy(error)) || Date.now() > end_ms) throw error;
      }
      await pause(50, stop);
    }
  });
}

interface Found {
  readonly session: string;
  readonly owner: string;
  readonly running: boolean;
}

/**
 * Removes what sessions whose process is dead have left. Those of another boot are dead only if none of their containers
 * runs: a session of another machine that shares this engine has another boot too, and ours are never restarted by Docker.
 */
export async function sweepDead(docker: Dockerode): Promise<readonly string[]> {
  const filters = { label: [SESSION_LABEL] };
  const [containers, networks] = await within(REQUEST_MS, undefined, "listing what dead sessions left", () =>
    Promise.all([docker.listContainers({ all: true, filters }), docker.listNetworks({ filters })]),
  );
  const found: Found[] = [
    ...containers.map((container) => labels(container.Labels, container.State === "running")),
    ...networks.map((network) => labels(network.Labels, false)),
  ];
  const removed: string[] = [];
  for (const [session, things] of Map.groupBy(found, (thing) => thing.session)) {
    const lives = things.map((thing) => lifeOf(thing.owner));
    const running = things.some((thing) => thing.running);
    const dead = lives.every((life) => life === "dead" || (life === "another boot" && !running));
    if (dead) removed.push(...(await removeSession(docker, session)));
  }
  return removed;
}

function labels(all: Readonly<Record<string, string>> | undefined, running: boolean): Found {
  return { session: all?.[SESSION_LABEL] ?? "", owner: all?.[OWNER_LABEL] ?? "", running };
}
