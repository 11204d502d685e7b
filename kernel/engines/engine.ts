/** Where services live. An engine starts, watches and removes them; it knows nothing of specs, faults or cells. */
import type { DockerAddress } from "../../injector/messages.ts";
import type { Service } from "../../model/declaration.ts";

/** A line for the person who waits: "building db: step 3/7". Each replaces the one before for the same service. */
export type Progress = (service: string, text: string) => void;

/** A service that runs, as it was when it was last looked at. */
export interface Running {
  readonly service: string;
  /** The engine's id of the container. */
  readonly id: string;
  /** Its first process, in the host's pid namespace. */
  readonly pid: number;
  /** IPv4 addresses, bridge first. Read again after each restart. */
  readonly addresses: readonly string[];
  readonly started_ms: number;
}

export type State =
  | { readonly state: "running"; readonly running: Running }
  | { readonly state: "exited"; readonly exit_code: number; readonly oom_killed: boolean }
  | { readonly state: "absent" };

/** One line of a service's output, with the engine's time of it. */
export interface Line {
  readonly stream: "stdout" | "stderr";
  readonly text: string;
  readonly time_ms: number;
}

/** A stream of a service's output that outlives restarts of the service. */
export interface LogFollower {
  /** Resolves when everything that the engine holds at the time of the call has been handed on. */
  caughtUp(signal: AbortSignal): Promise<void>;
  close(): void;
}

export interface Engine {
  /** For the injector's keeper, which removes containers when the session can't. */
  readonly address: DockerAddress;
  /** Builds or finds the image, creates and starts the container. Problem codes: see `docker.ts`. */
  start(service: Service, progress: Progress, signal: AbortSignal): Promise<Running>;
  restart(service: string, signal: AbortSignal): Promise<Running>;
  state(service: string): Promise<State>;
  /** The last lines of its output, oldest first. */
  tail(service: string, lines: number): Promise<readonly Line[]>;
  follow(service: string, onLine: (line: Line) => void): Promise<LogFollower>;
  /** Address of the host as the services see it: where our own probes come from. */
  gateway(): Promise<string>;
  /** Removes everything of this session: containers, volumes, network. Idempotent. */
  removeAll(): Promise<void>;
}
