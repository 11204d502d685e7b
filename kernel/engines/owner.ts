/**
 * Whose a container is: the label that names the process which made it, precisely enough that a later process with the same
 * number is not taken for it. What a dead process left behind is told from what a live one uses by this alone.
 */
import { readFileSync, readlinkSync } from "node:fs";

/** Label whose value is the session's name; on everything that is ours. */
export const SESSION_LABEL = "faultbook";
export const SERVICE_LABEL = "faultbook.service";
export const OWNER_LABEL = "faultbook.owner";

/** Whether the process that a label names lives; "elsewhere" is one that can't be seen from here. */
export type Life = "alive" | "dead" | "another boot" | "elsewhere";

/** `pid:start time:boot id:pid namespace` of a process; start time in clock ticks since boot, field 22 of proc_pid_stat(5). */
export function ownerLabel(pid: number = process.pid): string {
  return `${pid}:${startTime(pid) ?? "0"}:${bootId()}:${pidNamespace()}`;
}

/** Whether the process behind a label of `ownerLabel` still runs. */
export function lifeOf(label: string): Life {
  const [pid, started, boot, namespace] = label.split(":");
  if (pid === undefined || started === undefined || boot === undefined || !/^\d+$/.test(pid)) return "elsewhere";
  if (boot !== bootId()) return "another boot";
  // In another pid namespace (a kernel in a container that shares the host's engine) the number means nothing here.
  if (namespace !== undefined && namespace !== pidNamespace()) return "elsewhere";
  return startTime(Number(pid)) === started ? "alive" : "dead";
}

function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name, in parentheses, may hold blanks and parentheses itself: fields are counted behind the last one.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // A zombie still has its entry, and will never clean up.
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function bootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
}

function pidNamespace(): string {
  return readlinkSync("/proc/self/ns/pid").replace(/\D/g, "");
}
