/**
 * What an error of the engine's API means for the person who sees it. An engine that is absent, stopped or forbidden needs
 * three different next steps, so they are three problems; everything else that the engine says is DOCKER_FAILED in its words.
 */
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { Problem } from "../../model/problem.ts";
import type { EngineChoice } from "./context.ts";
import { DEFAULT_SOCKET } from "./context.ts";

/** What decides between "absent" and "stopped", and how a stopped daemon is started here. */
export interface Machine {
  readonly client: boolean;
  readonly daemon: boolean;
  readonly systemd: boolean;
  readonly initScript: boolean;
  readonly root: boolean;
}

export function lookAtMachine(): Machine {
  return {
    client: hasProgram("docker"),
    daemon: hasProgram("dockerd"),
    systemd: existsSync("/run/systemd/system"),
    initScript: existsSync("/etc/init.d/docker"),
    root: process.getuid?.() === 0,
  };
}

function hasProgram(name: string): boolean {
  // A user's PATH often leaves out the sbin directories, where Debian puts dockerd.
  const directories = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin", "/usr/bin", "/usr/local/bin"];
  return directories.some((directory) => {
    try {
      accessSync(join(directory, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** The command that starts a stopped daemon on this machine; undefined where there is no daemon to start. */
export function startCommand(machine: Machine): string | undefined {
  const sudo = machine.root ? "" : "sudo ";
  if (!machine.daemon) return undefined;
  if (machine.systemd) return `${sudo}systemctl start docker`;
  if (machine.initScript) return `${sudo}service docker start`;
  return `${sudo}dockerd &`;
}

/** An error of a request to the engine: status from its answer, or the code of the system call that failed. */
export function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("statusCode" in error)) return undefined;
  return typeof error.statusCode === "number" ? error.statusCode : undefined;
}

/** The engine's own words, without the client library's frame around them. */
export function saidBy(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ("json" in error && typeof error.json === "object" && error.json !== null && "message" in error.json) {
    if (typeof error.json.message === "string") return error.json.message.trim();
  }
  return error.message.replace(/^\(HTTP code \d+\) .*? - /, "").trim();
}

/** The problem behind an error that a request to the engine ended with. `doing` completes "while …": "creating the network". */
export function engineProblem(error: unknown, choice: EngineChoice, doing: string, machine: () => Machine = lookAtMachine): Problem {
  if (error instanceof Problem) return error;
  const status = statusOf(error);
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (status === undefined && (code === "ENOENT" || code === "ECONNREFUSED")) return notThere(code, choice, machine(), error);
  if (status === undefined && (code === "EACCES" || code === "EPERM")) return forbidden(choice, error);
  const said = saidBy(error);
  if (/non-overlapping IPv4 address pool|all predefined address pools/.test(said)) {
    return new Problem(
      "DOCKER_NETWORKS_EXHAUSTED",
      "system",
      `Docker has no address range left for another network: ${said}`,
      "Remove networks that nobody uses: docker network prune (or, for ours alone, faultbook clean).",
      { cause: error },
    );
  }
  return new Problem(
    "DOCKER_FAILED",
    "system",
    `Docker (${where(choice)}) failed while ${doing}: ${said}`,
    "Its own log says more: journalctl -u docker, or the output of dockerd.",
    { cause: error },
  );
}

function notThere(code: "ENOENT" | "ECONNREFUSED", choice: EngineChoice, machine: Machine, cause: unknown): Problem {
  const seen = code === "ENOENT" ? `there is no ${where(choice)}` : `nobody answers at ${where(choice)}`;
  const isDefault = "socketPath" in choice.address && choice.address.socketPath === DEFAULT_SOCKET;
  if (code === "ENOENT" && isDefault && !machine.client && !machine.daemon) {
    return new Problem(
      "DOCKER_ABSENT",
      "system",
      `Docker is not installed here: ${seen}, and neither docker nor dockerd is on the PATH`,
      "Install it (Debian, Ubuntu: sudo apt install docker.io), or name another engine with DOCKER_HOST.",
      { cause },
    );
  }
  const named = isDefault ? "" : ` (named by ${choice.namedBy})`;
  const command = startCommand(machine);
  const other = "another engine can be named with: docker context use NAME, or DOCKER_HOST";
  let hint: string;
  if (!isDefault) hint = `Start that engine, or unset what names it (${choice.namedBy}) to use ${DEFAULT_SOCKET}.`;
  else if (command === undefined)
    hint = `Only Docker's client is installed, no daemon: install one (Debian, Ubuntu: sudo apt install docker.io); ${other}.`;
  else hint = `Start it: ${command}`;
  return new Problem("DOCKER_STOPPED", "system", `Docker does not run: ${seen}${named}`, hint, { cause });
}

function forbidden(choice: EngineChoice, cause: unknown): Problem {
  return new Problem(
    "DOCKER_FORBIDDEN",
    "system",
    `this user may not speak to Docker: permission denied at ${where(choice)}`,
    "Join the group docker and log in again: sudo usermod -aG docker $USER (its members have root's power on this machine).",
    { cause },
  );
}

export function where(choice: EngineChoice): string {
  return "socketPath" in choice.address ? choice.address.socketPath : `${choice.address.host}:${choice.address.port}`;
}
