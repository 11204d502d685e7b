/**
 * A Docker engine that answers. A daemon is installed and started only where none is installed, nothing names another
 * engine, and we are root on Debian or Ubuntu; one that we once installed is started again. A stopped daemon of somebody
 * else's is never replaced or started: the command is printed.
 */
import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Docker from "dockerode";
import type { EngineChoice } from "../../kernel/engines/context.ts";
import { chooseEngine } from "../../kernel/engines/context.ts";
import { engineProblem, lookAtMachine } from "../../kernel/engines/failures.ts";
import { Problem } from "../../model/problem.ts";
import { lastLines, runCommand } from "../command.ts";
import { CACHES } from "../place.ts";
import { aptInstall, aptUsable } from "./apt.ts";
import type { Step } from "./progress.ts";
import { writeWhole } from "./stamp.ts";

/** Says that the daemon of this machine was installed by us; not one version's business. */
const INSTALLED = join(CACHES, "docker", "installed-by-faultbook");
/** The daemon that we started: its pid, and the start time of /proc/PID/stat so that a reused number isn't taken for it. */
const STARTED = join(CACHES, "docker", "dockerd.pid");
export const DAEMON_LOG = join(CACHES, "docker", "dockerd.log");
const START_MS = 60_000;
const PING_MS = 5000;

export interface Engine {
  readonly docker: Docker;
  readonly choice: EngineChoice;
}

export function connect(): Engine {
  const choice = chooseEngine(process.env, homedir());
  return { choice, docker: new Docker({ protocol: "http", ...choice.address }) };
}

/** Undefined when the engine answers; else what is wrong with it. */
export async function engineTrouble({ choice }: Engine): Promise<Problem | undefined> {
  try {
    await new Docker({ protocol: "http", ...choice.address, timeout: PING_MS }).ping();
    return undefined;
  } catch (error) {
    return engineProblem(error, choice, "asking whether it is there");
  }
}

/** What set-up would do about an engine that doesn't answer. */
export type Remedy = "install" | "start" | "none";

export interface Circumstances {
  readonly daemonInstalled: boolean;
  /** By an earlier set-up of ours. */
  readonly installedByUs: boolean;
  readonly aptUsable: boolean;
}

function circumstances(): Circumstances {
  return { daemonInstalled: lookAtMachine().daemon, installedByUs: existsSync(INSTALLED), aptUsable: aptUsable() === true };
}

export function remedyFor(trouble: Problem, choice: EngineChoice, here: Circumstances = circumstances()): Remedy {
  if (choice.namedBy !== "the default" || !["DOCKER_ABSENT", "DOCKER_STOPPED"].includes(trouble.code)) return "none";
  if (here.daemonInstalled) return here.installedByUs ? "start" : "none";
  return here.aptUsable ? "install" : "none";
}

/** An engine that answers, set up as far as the rule above allows. `mayInstall` asks a person where there is one. */
export async function dockerReady(step: Step, signal: AbortSignal, mayInstall: () => Promise<boolean>): Promise<Docker> {
  const engine = connect();
  const trouble = await engineTrouble(engine);
  if (trouble === undefined) return engine.docker;
  const remedy = remedyFor(trouble, engine.choice);
  if (remedy === "none") throw trouble;
  if (remedy === "install") {
    if (!(await mayInstall())) throw trouble;
    await aptInstall(["docker.io"], "Debian's docker.io", step, signal);
    await writeWhole(INSTALLED, `${new Date().toISOString()}\n`);
  }
  step.doing("starting the daemon");
  await startDaemon(engine, signal);
  const { Version } = await engine.docker.version();
  step.done(`${Version} started`);
  return engine.docker;
}

async function startDaemon(engine: Engine, signal: AbortSignal): Promise<void> {
  let exited: Promise<unknown> = new Promise(() => undefined);
  if (existsSync("/run/systemd/system")) await runCommand("systemctl", ["start", "docker"], { signal });
  else if ((await daemonPids()).length === 0) ({ exited } = await spawnDaemon());
  const deadline = performance.now() + START_MS;
  for (;;) {
    const trouble = await engineTrouble(engine);
    if (trouble === undefined) return;
    const ended = await Promise.race([exited.then(() => true), sleep(200, false, { signal })]);
    if (ended || performance.now() > deadline) {
      const log = existsSync(DAEMON_LOG) ? lastLines(readFileSync(DAEMON_LOG, "utf8").split("\n")) : "";
      const what = ended ? "dockerd ended at once" : `dockerd did not answer within ${START_MS / 1000} s`;
      throw new Problem(
        "DOCKER_NOT_STARTED",
        "system",
        `${what}:\n${log}`,
        `Its whole log is ${DAEMON_LOG}. Without an init system it needs root and mounted cgroups.`,
      );
    }
  }
}

/** Where no init system does it. The daemon outlives us: `clean` stops it. */
async function spawnDaemon(): Promise<{ readonly exited: Promise<unknown> }> {
  await mkdir(dirname(DAEMON_LOG), { recursive: true });
  const log = openSync(DAEMON_LOG, "a");
  const env = { ...process.env, PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin:/usr/bin:/bin` };
  const daemon = spawn("dockerd", [], { detached: true, stdio: ["ignore", log, log], cwd: "/", env });
  closeSync(log);
  const exited = new Promise((resolve) => daemon.once("exit", resolve).once("error", resolve));
  daemon.unref();
  if (daemon.pid !== undefined) await writeWhole(STARTED, `${daemon.pid} ${startTime(daemon.pid) ?? ""}\n`);
  return { exited };
}

/** Clock ticks since boot when the process began (field 22 of proc(5)'s stat); undefined when there is no such process. */
function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

async function daemonPids(): Promise<readonly number[]> {
  const { stdout } = await runCommand("sh", [
    "-c",
    "for d in /proc/[0-9]*; do read -r name <$d/comm && [ $name = dockerd ] && echo ${d#/proc/}; done 2>/dev/null; true",
  ]);
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map(Number);
}

/** The pid of a daemon that we started and that runs still. */
export async function ownDaemon(): Promise<number | undefined> {
  const [pid, began] = (await readFile(STARTED, "utf8").catch(() => "")).trim().split(" ");
  if (pid === undefined || pid === "" || began === undefined) return undefined;
  return startTime(Number(pid)) === began ? Number(pid) : undefined;
}

/** Stops it as an init system would, and waits for its end. */
export async function stopOwnDaemon(pid: number): Promise<boolean> {
  process.kill(pid, "SIGTERM");
  for (let waited_ms = 0; waited_ms < 30_000; waited_ms += 200) {
    if ((await ownDaemon()) !== pid) {
      await rm(STARTED, { force: true });
      return true;
    }
    await sleep(200);
  }
  return false;
}
