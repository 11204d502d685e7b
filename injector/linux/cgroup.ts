/**
 * Where a process is in the cgroup v2 hierarchy: the directory that eBPF programs are attached to. It makes no cgroup and
 * moves no process. Source: cgroups(7), cgroup_namespaces(7), proc_pid_mountinfo(5).
 */
import { readFileSync, statSync } from "node:fs";

export interface Cgroup {
  readonly directory: string;
  /** The kernel's id of the cgroup, the inode of its directory: a path may come again after a restart, the id doesn't. */
  readonly id: bigint;
  /** Path from the root of the hierarchy, "/" for the root itself. */
  readonly path: string;
}

/** The process's cgroup v2 directory, or the reason why there is none that can be used. */
export function cgroupOf(pid: number | "self"): Cgroup | string {
  let lines: string;
  try {
    lines = readFileSync(`/proc/${pid}/cgroup`, "utf8");
  } catch {
    return `no process ${pid}`;
  }
  const path = /^0::(.*)$/m.exec(lines)?.[1];
  if (path === undefined) return `no cgroup v2 for process ${pid}`;
  if (path.startsWith("/..")) return `the cgroup of process ${pid} lies outside of this process's cgroup namespace`;
  if (path.endsWith(" (deleted)")) return `the cgroup of process ${pid} was removed`;
  for (const directory of directoriesOf(path, readFileSync("/proc/self/mountinfo", "utf8"))) {
    const stat = statSync(directory, { bigint: true, throwIfNoEntry: false });
    if (stat?.isDirectory() === true) return { directory, id: stat.ino, path };
  }
  return `no cgroup v2 directory for process ${pid}`;
}

/** Under which names a cgroup's path may be found, given the text of mountinfo: a mount may show a part of the hierarchy only. */
export function directoriesOf(path: string, mountinfo: string): string[] {
  return mountinfo.split("\n").flatMap((line) => {
    const [before = "", after = ""] = line.split(" - ");
    const [, , , root = "", point = ""] = before.split(" ").map(unescape);
    if (!after.startsWith("cgroup2 ")) return [];
    const base = root === "/" ? "" : root;
    return path === base || path.startsWith(`${base}/`) ? [point + path.slice(base.length)] : [];
  });
}

/** mountinfo writes blanks and backslashes as three octal digits. */
function unescape(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
}
