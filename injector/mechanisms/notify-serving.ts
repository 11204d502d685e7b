/**
 * Whose requests a process may be serving: the accepted TCP connections it holds, and the services at their other ends.
 * Looked up for calls that a rule acts on, and kept for a moment, since a process under a fault may fail thousands of calls
 * a second. Source: proc_pid_net(5), proc_pid_fd(5).
 */
import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import type { Caller } from "../messages.ts";

const KEPT_MS = 100;
const KEPT_MAX = 1000;
const ESTABLISHED = "01";
const LISTENING = "0A";

export interface TcpEntry {
  readonly inode: string;
  readonly localPort: number;
  /** Dotted IPv4, also where the table has it as IPv4-mapped; "" for other addresses. */
  readonly remote: string;
  readonly state: string;
}

/** Lines of /proc/PID/net/tcp or tcp6, which print addresses as words in the machine's (little-endian) order. */
export function parseTcpTable(table: string): TcpEntry[] {
  const entries: TcpEntry[] = [];
  for (const line of table.split("\n").slice(1)) {
    const [, local, remote, state, , , , , , inode] = line.trim().split(/\s+/);
    if (local === undefined || remote === undefined || state === undefined || inode === undefined) continue;
    entries.push({ inode, state, localPort: Number.parseInt(local.slice(local.indexOf(":") + 1), 16), remote: ipv4(remote) });
  }
  return entries;
}

function ipv4(text: string): string {
  const address = text.slice(0, text.indexOf(":"));
  if (address.length === 32 && !address.startsWith("0000000000000000FFFF0000")) return "";
  const word = Buffer.from(address.slice(-8), "hex");
  return [...word.reverse()].join(".");
}

/** Accepted connections: established, at a port on which somebody listens; what the process itself opened is not one. */
export function accepted(entries: readonly TcpEntry[], inodes: ReadonlySet<string>): TcpEntry[] {
  const listening = new Set(entries.filter((entry) => entry.state === LISTENING).map((entry) => entry.localPort));
  return entries.filter((entry) => entry.state === ESTABLISHED && listening.has(entry.localPort) && inodes.has(entry.inode));
}

interface Kept {
  readonly until_ms: number;
  readonly remotes: readonly string[];
}

const kept = new Map<number, Kept>();

/** Addresses of the other ends of the connections that a process has accepted, one an entry for each connection. */
export function servedBy(pid: number): readonly string[] {
  const now_ms = performance.now();
  const known = kept.get(pid);
  if (known !== undefined && known.until_ms > now_ms) return known.remotes;
  if (kept.size > KEPT_MAX) kept.clear();
  const entries = [...parseTcpTable(read(`/proc/${pid}/net/tcp`)), ...parseTcpTable(read(`/proc/${pid}/net/tcp6`))];
  const remotes = accepted(entries, socketInodes(pid)).map((entry) => entry.remote);
  kept.set(pid, { until_ms: now_ms + KEPT_MS, remotes });
  return remotes;
}

/** The callers among these addresses, each once. */
export function callersAt(remotes: readonly string[], callers: readonly Caller[]): string[] {
  return callers.filter((caller) => caller.addresses.some((address) => remotes.includes(address))).map((caller) => caller.service);
}

function socketInodes(pid: number): Set<string> {
  const inodes = new Set<string>();
  let descriptors: string[];
  try {
    descriptors = readdirSync(`/proc/${pid}/fd`);
  } catch {
    return inodes;
  }
  for (const descriptor of descriptors) {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${descriptor}`))?.[1];
      if (inode !== undefined) inodes.add(inode);
    } catch {
      // Closed meanwhile.
    }
  }
  return inodes;
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
