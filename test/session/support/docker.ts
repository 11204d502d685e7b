/** Looking at containers from outside, by the docker command line. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";

export function docker(...args: string[]): string {
  return execFileSync("docker", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
}

/** What one session owns, seen from outside: other sessions may run beside it. */
export class Belongings {
  readonly #owner: number;

  /** @param owner pid of the session process */
  constructor(owner: number | undefined) {
    if (owner === undefined) throw new Error("the session has no process");
    this.#owner = owner;
  }

  /** Id of the running container of a service. */
  container(service: string): string {
    const [id, ...others] = this.#owned("ps", "--filter", `label=faultbook.service=${service}`);
    if (id === undefined || others.length > 0) throw new Error(`not one container runs for ${service}`);
    return id;
  }

  logs(service: string): string {
    return execFileSync("sh", ["-c", `docker logs ${this.container(service)} 2>&1`], { encoding: "utf8", maxBuffer: 1 << 26 });
  }

  address(service: string): string {
    return docker("inspect", "-f", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", this.container(service));
  }

  /** Containers, running or not, and networks. */
  things(): readonly string[] {
    return [...this.#owned("ps", "-a"), ...this.#owned("network", "ls")];
  }

  injectors(): readonly number[] {
    return processes()
      .filter(({ pid, args }) => isProgram(args, "injector") && parentOf(pid) === this.#owner)
      .map(({ pid }) => pid);
  }

  keepers(): readonly number[] {
    return processes()
      .filter(({ args }) => isProgram(args, "keeper") && args.at(-1)?.includes(`"owner":${this.#owner},`))
      .map(({ pid }) => pid);
  }

  /** Until nothing of the session is left: what a killed injector's keeper still serves included. */
  async gone(): Promise<void> {
    await eventually("containers, networks, injector and keeper are gone", () => {
      return this.things().length === 0 && this.injectors().length === 0 && this.keepers().length === 0;
    });
  }

  #owned(...command: readonly string[]): readonly string[] {
    return docker(...command, "--filter", "label=faultbook.owner", "--format", '{{.ID}} {{.Label "faultbook.owner"}}')
      .split("\n")
      .map((line) => line.split(" "))
      .filter(([, owner]) => owner?.startsWith(`${this.#owner}:`) === true)
      .map(([id]) => id ?? "");
  }
}

interface Process {
  readonly pid: number;
  readonly args: readonly string[];
}

function processes(): readonly Process[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => ({ pid: Number(pid), args: readOr(`/proc/${pid}/cmdline`, "").split("\0").slice(0, -1) }));
}

export function childrenOf(pid: number | undefined): readonly number[] {
  return processes()
    .map((one) => one.pid)
    .filter((child) => parentOf(child) === pid);
}

/** A program of ours by the name of its entry point, from sources or compiled. */
function isProgram(args: readonly string[], name: "injector" | "keeper"): boolean {
  const entry = name === "injector" ? /injector\/main\.[jt]s$/ : /injector\/keeper\.[jt]s$/;
  return entry.test(args[1] ?? "");
}

function parentOf(pid: number): number {
  return Number(/^PPid:\t(\d+)/m.exec(readOr(`/proc/${pid}/status`, ""))?.[1]);
}

/** What a process was may be gone at any moment. */
function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return otherwise;
  }
}

/** Polls until `holds` answers true; fails after the limit with what it was waiting for. */
export async function eventually(what: string, holds: () => boolean | Promise<boolean>, limit_ms = 10_000): Promise<void> {
  const until_ms = performance.now() + limit_ms;
  while (!(await holds())) {
    if (performance.now() > until_ms) throw new Error(`not within ${limit_ms} ms: ${what}`);
    await setTimeout(50);
  }
}
