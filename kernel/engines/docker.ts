/**
 * Services as containers of a Docker engine: one network a session with the service's name as alias, no published port, labels
 * that say whose they are. It keeps no state of its own but the names: what runs is asked of the engine each time.
 *
 * Problems: DOCKER_ABSENT, DOCKER_STOPPED, DOCKER_FORBIDDEN, DOCKER_FAILED, DOCKER_TIMEOUT, DOCKER_NETWORKS_EXHAUSTED (failures.ts),
 * those of context.ts, image.ts and build.ts, SERVICE_COMMAND (its command can't be run), SERVICE_DIED (death.ts).
 */
import { Agent } from "node:http";
import { homedir } from "node:os";
import type Dockerode from "dockerode";
import type { Service } from "../../model/declaration.ts";
import { buildImage } from "./build.ts";
import { commandProblem, containerOf } from "./container.ts";
import { chooseEngine, type EngineChoice } from "./context.ts";
import { LAST_LINES, serviceAbsent, serviceDied } from "./death.ts";
import type { Engine, Line, LogFollower, Progress, Running, State } from "./engine.ts";
import { engineProblem, statusOf } from "./failures.ts";
import { Follower } from "./follow.ts";
import { obtainImage } from "./image.ts";
import { REQUEST_MS, within } from "./limit.ts";
import { LineJoiner, readLogs } from "./logs.ts";
import { SessionNetwork } from "./network.ts";
import { OWNER_LABEL, ownerLabel, SESSION_LABEL } from "./owner.ts";
import { removeContainer, removeSession, sweepDead } from "./removal.ts";

export interface DockerEngine extends Engine {
  /** Removes containers and networks of sessions whose process is dead; their names. For the start of a session. */
  sweep(): Promise<readonly string[]>;
}

/** Time between SIGTERM (or the image's own stop signal) and SIGKILL; as PID 1, Node and many others ignore the first. */
const STOP_GRACE_S = 2;

/** The engine that the environment names, asked once whether it answers. `session` is the value of the label `faultbook`. */
export async function connectDocker(session: string): Promise<DockerEngine> {
  const choice = chooseEngine(process.env, homedir());
  // 0.1 s of loading, which a session without containers need not spend.
  const { default: Docker } = await import("dockerode");
  // A connection for each request: a local one costs nothing, and a kept one may have died with the daemon.
  const options = { agent: new Agent({ keepAlive: false }), protocol: "http" as const, ...choice.address };
  const docker = new Docker(options);
  try {
    await within(10_000, undefined, "saying hello", () => docker.ping());
  } catch (error) {
    throw engineProblem(error, choice, "saying hello");
  }
  return new ConnectedDocker(docker, choice, session);
}

class ConnectedDocker implements DockerEngine {
  readonly address: EngineChoice["address"];
  readonly #docker: Dockerode;
  readonly #choice: EngineChoice;
  readonly #session: string;
  readonly #owner: string;
  readonly #network: SessionNetwork;
  readonly #followers = new Map<Follower, string>();
  /** Requests that make something and can't be called back: `removeAll` waits for them, so that none leaves a container behind. */
  readonly #making = new Set<Promise<unknown>>();

  constructor(docker: Dockerode, choice: EngineChoice, session: string) {
    this.#docker = docker;
    this.#choice = choice;
    this.#session = session;
    this.address = choice.address;
    this.#owner = ownerLabel();
    this.#network = new SessionNetwork(docker, `faultbook-${session}`, { [SESSION_LABEL]: session, [OWNER_LABEL]: this.#owner });
  }

  async start(service: Service, progress: Progress, signal: AbortSignal): Promise<Running> {
    return this.#ask(`starting ${service.name}`, async () => {
      const tell = (text: string): void => progress(service.name, text);
      const image = this.#image(service, tell, signal);
      // Whichever fails first is told; the other's end must not become an unhandled rejection.
      const [name] = await Promise.all([image, this.#network.ensure()]);
      signal.throwIfAborted();
      tell("starting");
      await this.#made(this.#create(service, name));
      try {
        await within(REQUEST_MS, signal, `starting ${service.name}`, () => this.#made(this.#container(service.name).start()));
      } catch (error) {
        void this.#made(removeContainer(this.#docker, this.#name(service.name))).catch(() => undefined);
        throw commandProblem(service, error) ?? error;
      }
      return this.#running(service.name, "right after its start");
    });
  }

  async restart(service: string, signal: AbortSignal): Promise<Running> {
    return this.#ask(`restarting ${service}`, async () => {
      try {
        const restarted = this.#container(service).restart({ t: STOP_GRACE_S }) as Promise<unknown>;
        await within(REQUEST_MS, signal, `restarting ${service}`, () => this.#made(restarted));
      } catch (error) {
        throw statusOf(error) === 404 ? serviceAbsent(service) : error;
      }
      return this.#running(service, "right after its restart");
    });
  }

  async state(service: string): Promise<State> {
    return this.#ask(`looking at ${service}`, async () => {
      let found: Dockerode.ContainerInspectInfo;
      try {
        found = await within(REQUEST_MS, undefined, `looking at ${service}`, () => this.#container(service).inspect());
      } catch (error) {
        if (statusOf(error) === 404) return { state: "absent" };
        throw error;
      }
      const { State: state } = found;
      if (!state.Running || state.Pid === 0) return { state: "exited", exit_code: state.ExitCode, oom_killed: state.OOMKilled };
      return { state: "running", running: this.#described(service, found) };
    });
  }

  async tail(service: string, lines: number): Promise<readonly Line[]> {
    return this.#ask(`reading the output of ${service}`, () =>
      within(REQUEST_MS, undefined, `reading the output of ${service}`, async (stop) => {
        const joiner = new LineJoiner();
        const found: Line[] = [];
        let time = "";
        try {
          for await (const message of readLogs(this.#docker, this.#name(service), { follow: false, tail: lines }, stop)) {
            time = message.time;
            const line = joiner.push(message);
            if (line !== undefined) found.push(line);
          }
        } catch (error) {
          if (statusOf(error) !== 404) throw error;
        }
        found.push(...joiner.flush(time));
        return found.slice(-lines);
      }),
    );
  }

  follow(service: string, onLine: (line: Line) => void): Promise<LogFollower> {
    const follower = new Follower(this.#docker, this.#name(service), onLine);
    this.#followers.set(follower, service);
    const ended = follower.run().finally(() => this.#followers.delete(follower));
    // An error in `onLine` is its author's: it must be seen, and not as the engine's.
    ended.catch((error: unknown) =>
      queueMicrotask(() => {
        throw error;
      }),
    );
    return Promise.resolve(follower);
  }

  async gateway(): Promise<string> {
    return this.#ask("looking at the network", () => this.#network.gateway());
  }

  async removeAll(): Promise<void> {
    await this.#ask("removing what is ours", async () => {
      for (const follower of this.#followers.keys()) follower.close();
      await this.#network.settled();
      await Promise.allSettled(this.#making);
      this.#network.forget();
      await removeSession(this.#docker, this.#session);
    });
  }

  async sweep(): Promise<readonly string[]> {
    return this.#ask("removing what dead sessions left", () => sweepDead(this.#docker));
  }

  #image(service: Service, tell: (text: string) => void, signal: AbortSignal): Promise<string> {
    const { source } = service;
    switch (source.kind) {
      case "build":
        return buildImage(this.#docker, service.name, source.directory, tell, signal);
      case "image":
        return obtainImage(this.#docker, source.image, tell, signal);
    }
  }

  async #create(service: Service, image: string): Promise<void> {
    const session = { session: this.#session, owner: this.#owner, network: this.#network.name };
    const name = this.#name(service.name);
    // Query and body apart, or the library would put all of it, passwords too, into the request's URL.
    const options = { name, _query: { name }, _body: containerOf(service, image, session) };
    const create = (): Promise<unknown> =>
      within(REQUEST_MS, undefined, `creating ${service.name}`, () => this.#docker.createContainer(options));
    try {
      await create();
    } catch (error) {
      if (statusOf(error) !== 409) throw error;
      // A service that was declared anew takes the place of the old one.
      await removeContainer(this.#docker, name);
      await create();
    }
  }

  async #running(service: string, when: string): Promise<Running> {
    for (const [follower, followed] of this.#followers) if (followed === service) follower.wake();
    const state = await this.state(service);
    switch (state.state) {
      case "running":
        return state.running;
      case "exited":
        throw serviceDied(service, state, await this.tail(service, LAST_LINES), when);
      case "absent":
        throw serviceAbsent(service);
    }
  }

  #described(service: string, found: Dockerode.ContainerInspectInfo): Running {
    const networks = Object.entries(found.NetworkSettings.Networks);
    networks.sort(([a], [b]) => Number(b === this.#network.name) - Number(a === this.#network.name));
    return {
      service,
      id: found.Id,
      pid: found.State.Pid,
      addresses: networks.map(([, network]) => network.IPAddress).filter((address) => address !== ""),
      started_ms: Date.parse(found.State.StartedAt),
    };
  }

  #name(service: string): string {
    return `faultbook-${this.#session}-${service}`;
  }

  #container(service: string): Dockerode.Container {
    return this.#docker.getContainer(this.#name(service));
  }

  async #made<T>(making: Promise<T>): Promise<T> {
    this.#making.add(making);
    try {
      return await making;
    } finally {
      this.#making.delete(making);
    }
  }

  async #ask<T>(doing: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Error && (statusOf(error) !== undefined || "code" in error) && !(error instanceof DOMException)) {
        throw engineProblem(error, this.#choice, doing);
      }
      throw error;
    }
  }
}
