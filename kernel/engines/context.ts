/**
 * Which Docker engine is meant, decided as the docker client does: DOCKER_HOST, then DOCKER_CONTEXT, then `currentContext` of
 * the client's config.json, then /var/run/docker.sock. It reads settings and dials nothing.
 * Source: docker/cli, cli/command/cli.go (resolveContextName), cli/context/store (meta.json below the name's SHA-256).
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { DockerAddress } from "../../injector/messages.ts";
import type { Json } from "../../model/json.ts";
import { didYouMean } from "../../model/nearest.ts";
import { Problem } from "../../model/problem.ts";

export const DEFAULT_SOCKET = "/var/run/docker.sock";

export interface EngineChoice {
  readonly address: NonNullable<DockerAddress>;
  /** The setting that named it, for a person: `DOCKER_HOST`, `the docker context "work"`, `the default`. */
  readonly namedBy: string;
}

/** The engine that these settings name. Problems: DOCKER_CONTEXT_UNKNOWN, DOCKER_HOST_INVALID, DOCKER_REMOTE. */
export function chooseEngine(env: Readonly<Record<string, string | undefined>>, home: string): EngineChoice {
  const directory = env["DOCKER_CONFIG"] || join(home, ".docker");
  const host = env["DOCKER_HOST"];
  if (host) return { address: parseHost(host, "DOCKER_HOST", env), namedBy: "DOCKER_HOST" };

  const named = env["DOCKER_CONTEXT"] || currentContext(directory);
  if (named === "" || named === "default") return { address: { socketPath: DEFAULT_SOCKET }, namedBy: "the default" };
  const namedBy = `the docker context "${named}"`;
  return { address: parseHost(contextHost(directory, named), namedBy, env), namedBy };
}

function currentContext(directory: string): string {
  const current = member(readJson(join(directory, "config.json")), "currentContext");
  return typeof current === "string" ? current : "";
}

function contextHost(directory: string, name: string): string {
  const all = join(directory, "contexts", "meta");
  const meta = readJson(join(all, createHash("sha256").update(name).digest("hex"), "meta.json"));
  const host = member(member(member(meta, "Endpoints"), "docker"), "Host");
  if (typeof host === "string" && host !== "") return host;
  const known = ["default"];
  for (const entry of listed(all)) {
    const other = member(readJson(join(all, entry, "meta.json")), "Name");
    if (typeof other === "string") known.push(other);
  }
  throw new Problem(
    "DOCKER_CONTEXT_UNKNOWN",
    "system",
    `there is no docker context "${name}"${didYouMean(name, known)}`,
    `Known contexts: ${known.join(", ")}. Choose one with: docker context use NAME`,
  );
}

function parseHost(host: string, namedBy: string, env: Readonly<Record<string, string | undefined>>): NonNullable<DockerAddress> {
  const socketPath = /^unix:\/\/(.*)$/.exec(host)?.[1];
  if (socketPath !== undefined) return { socketPath: socketPath || DEFAULT_SOCKET };
  const url = URL.parse(host);
  if (url?.protocol === "tcp:" && url.hostname !== "") {
    const name = url.hostname.replace(/^\[|\]$/g, "");
    const tls = (env["DOCKER_TLS_VERIFY"] ?? "") !== "" || url.port === "2376";
    if (isLoopback(name) && !tls) return { host: name, port: url.port === "" ? 2375 : Number(url.port) };
    throw remote(host, namedBy, tls ? "over TLS" : "on another machine");
  }
  if (url?.protocol === "ssh:") throw remote(host, namedBy, "reached through SSH");
  throw new Problem(
    "DOCKER_HOST_INVALID",
    "system",
    `${namedBy} names "${host}", which is no address of a Docker engine`,
    `An address looks like unix://${DEFAULT_SOCKET} or tcp://127.0.0.1:2375.`,
  );
}

function remote(host: string, namedBy: string, how: string): Problem {
  return new Problem(
    "DOCKER_REMOTE",
    "system",
    `${namedBy} names an engine ${how} (${host}), which this version does not use: faults act on the kernel's own machine`,
    "Use the engine of this machine: docker context use default, and unset DOCKER_HOST and DOCKER_CONTEXT.",
  );
}

function isLoopback(name: string): boolean {
  return name === "localhost" || name === "::1" || /^127\.\d+\.\d+\.\d+$/.test(name);
}

/** Settings that are absent or broken say nothing; the docker client treats an unreadable config the same way, with a warning. */
function readJson(path: string): Json {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Json;
  } catch {
    return null;
  }
}

function member(value: Json | undefined, key: string): Json | undefined {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return undefined;
  return (value as Readonly<Record<string, Json>>)[key];
}

function listed(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
