/**
 * Which processes belong together, and what each is, as /proc tells. Everything read here may be gone a moment later, so
 * an absent process is `undefined`, never an error. Source: proc(5), pid_namespaces(7).
 */
import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { cgroupOf } from "./cgroup.ts";

export interface ProcessStatus {
  readonly pid: number;
  /** Ticks since boot; with the pid it names a process for ever. */
  readonly started: number;
  readonly parent: number;
  /** R, S, D, Z, T, t, X: the state of its first thread. */
  readonly state: string;
  /** The process that traces it, 0 for none. */
  readonly tracer: number;
  readonly noNewPrivileges: boolean;
  /** Filters in force; -1 where the kernel doesn't tell (before Linux 5.9). */
  readonly filters: number;
  /** CAP_SYS_ADMIN in its own user namespace: such a process may install a filter without no_new_privs. */
  readonly administrator: boolean;
  /** False for kernel threads and for the dead: nothing of theirs can be held. */
  readonly hasMemory: boolean;
}

const CAP_SYS_ADMIN = 21n;

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function link(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

export function statusOf(pid: number): ProcessStatus | undefined {
  const status = read(`/proc/${pid}/status`);
  const stat = read(`/proc/${pid}/stat`);
  if (status === undefined || stat === undefined) return undefined;
  const fields = new Map<string, string>();
  for (const line of status.split("\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  // The name in stat may hold anything, so fields are counted from behind its closing bracket: the first is number 3.
  const behindName = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return {
    pid,
    started: Number(behindName[19]),
    parent: Number(fields.get("PPid")),
    state: fields.get("State")?.[0] ?? "X",
    tracer: Number(fields.get("TracerPid") ?? 0),
    noNewPrivileges: fields.get("NoNewPrivs") === "1",
    filters: Number(fields.get("Seccomp_filters") ?? -1),
    administrator: ((BigInt(`0x${fields.get("CapEff") ?? "0"}`) >> CAP_SYS_ADMIN) & 1n) === 1n,
    hasMemory: fields.has("VmSize"),
  };
}

/** Threads of a process, its first thread first when that still lives. */
export function threadsOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [];
  }
}

/** The state letter of one thread; "X" when it is gone. */
export function threadState(pid: number, thread: number): string {
  const stat = read(`/proc/${pid}/task/${thread}/stat`);
  return stat?.slice(stat.lastIndexOf(")") + 2)[0] ?? "X";
}

/** The process that a thread belongs to. */
export function processOfThread(thread: number): number | undefined {
  const group = /^Tgid:\t(\d+)$/m.exec(read(`/proc/${thread}/status`) ?? "")?.[1];
  return group === undefined ? undefined : Number(group);
}

/** Name of the pid namespace: "pid:[4026531836]". */
function pidNamespace(pid: number | "self"): string | undefined {
  return link(`/proc/${pid}/ns/pid`);
}

/** The path of a container in any cgroup hierarchy, known by the container's id in it; undefined for other processes. */
function containerCgroup(pid: number | "self"): string | undefined {
  for (const line of (read(`/proc/${pid}/cgroup`) ?? "").split("\n")) {
    const path = /^\d+:[^:]*:(.*[0-9a-f]{64}.*)$/.exec(line)?.[1];
    if (path !== undefined) return path;
  }
  return undefined;
}

function allPids(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/**
 * All processes of a service, given its first: those of its pid namespace, which a process joins that an engine starts in
 * the container later; where that namespace is our own (a container of the host's, a process without one), those of the
 * container's cgroup, or else the first and its descendants. Looks at every process of the machine: about 20 us each.
 */
export function membersOf(first: number): number[] {
  const namespace = pidNamespace(first);
  if (namespace === undefined) return [];
  if (namespace !== pidNamespace("self")) return allPids().filter((pid) => pidNamespace(pid) === namespace);
  const cgroup = containerCgroup(first);
  if (cgroup !== undefined && cgroup !== containerCgroup("self")) {
    return allPids().filter((pid) => containerCgroup(pid)?.startsWith(cgroup) === true);
  }
  return descendantsOf(first);
}

/** Most of them, in a fraction of the time: from the container's cgroup directory, or each process's list of children. */
export function likelyMembersOf(first: number): number[] {
  if (containerCgroup(first) !== undefined) {
    const cgroup = cgroupOf(first);
    if (typeof cgroup !== "string") return pidsBelow(cgroup.directory);
  }
  const found = [first];
  for (const pid of found) {
    for (const thread of threadsOf(pid)) found.push(...numbers(read(`/proc/${pid}/task/${thread}/children`)));
  }
  return found;
}

function pidsBelow(directory: string): number[] {
  const found = numbers(read(`${directory}/cgroup.procs`));
  try {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      if (entry.isDirectory()) found.push(...pidsBelow(`${directory}/${entry.name}`));
    }
  } catch {
    // Removed meanwhile.
  }
  return found;
}

function numbers(text: string | undefined): number[] {
  return (text ?? "").split(/\s+/).filter(Boolean).map(Number);
}

function descendantsOf(first: number): number[] {
  const children = new Map<number, number[]>();
  for (const pid of allPids()) {
    const stat = read(`/proc/${pid}/stat`);
    if (stat === undefined) continue;
    const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [pid]);
    else siblings.push(pid);
  }
  const found = [first];
  for (const pid of found) found.push(...(children.get(pid) ?? []));
  return found;
}
