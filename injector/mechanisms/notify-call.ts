/**
 * The facts about one call that waits for an answer: what its descriptor is, where it connects to, who makes it. Each is
 * looked up when it is asked for, since most calls need none. Everything comes from /proc, so a process that ends meanwhile
 * makes a fact unknown, never an error. Source: proc(5), connect(2), ip(7), ipv6(7).
 */
import { readFileSync, readlinkSync, statSync } from "node:fs";
import type { Process } from "../messages.ts";
import { readMemory } from "../linux/memory.ts";
import { isStreamSocket } from "../linux/pidfd.ts";
import { processOfThread } from "../linux/processes.ts";
import { WORD } from "../linux/seccomp.ts";
import type { SyscallName } from "../linux/syscalls.ts";

export type DescriptorKind =
  "file" | "directory" | "device" | "block device" | "pipe" | "socket" | "internal" | "kernel file" | "memory" | "closed";

export interface Peer {
  readonly family: "inet" | "other";
  /** Dotted IPv4, also for an IPv4-mapped IPv6 address; "" for others. */
  readonly address: string;
  readonly port: number;
}

const TITLE_MAX = 200;
const AF_INET = 2;
const AF_INET6 = 10;
/** struct sockaddr_in6, the longest that is looked into. */
const ADDRESS_BYTES = 28;
const MAPPED_PREFIX = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]);

/** Calls that write to another descriptor than their first argument. */
const WRITTEN_ARGUMENT: Partial<Record<SyscallName, number>> = { splice: 2, copy_file_range: 2 };

/** The address that a `connect` was given. `bytes` may be shorter than it says. */
export function parseAddress(bytes: Buffer): Peer {
  const other: Peer = { family: "other", address: "", port: 0 };
  if (bytes.length < 8) return other;
  const family = bytes.readUInt16LE(0);
  const port = bytes.readUInt16BE(2);
  if (family === AF_INET) return { family: "inet", address: bytes.subarray(4, 8).join("."), port };
  if (family === AF_INET6 && bytes.length >= ADDRESS_BYTES - 4 && bytes.subarray(8, 20).equals(MAPPED_PREFIX)) {
    return { family: "inet", address: bytes.subarray(20, 24).join("."), port };
  }
  return other;
}

export class WaitingCall {
  readonly thread: number;
  readonly syscall: SyscallName;
  /** Whether memory or descriptors of the process were looked at, so that the id must be validated before acting. */
  looked = false;
  readonly #arguments: Uint32Array;
  #pid: number | undefined;
  #kind: DescriptorKind | undefined;
  #path: string | undefined;
  #peer: Peer | undefined;
  #stream: boolean | undefined;

  constructor(notification: Uint32Array, syscall: SyscallName) {
    this.thread = notification[WORD.thread] ?? 0;
    this.syscall = syscall;
    this.#arguments = notification.slice(WORD.arguments);
  }

  get pid(): number {
    return (this.#pid ??= processOfThread(this.thread) ?? this.thread);
  }

  get descriptor(): number {
    return (this.#arguments[(WRITTEN_ARGUMENT[this.syscall] ?? 0) * 2] ?? 0) | 0;
  }

  get kind(): DescriptorKind {
    return (this.#kind ??= this.#findKind());
  }

  /** The path as the process sees it; "socket", "pipe" or the like for what has none. */
  get path(): string {
    return (this.#path ??= this.#findPath());
  }

  get peer(): Peer {
    return (this.#peer ??= this.#findPeer());
  }

  get isStream(): boolean {
    return (this.#stream ??= this.#findStream());
  }

  get process(): Process {
    const name = text(`/proc/${this.pid}/comm`).trimEnd();
    const title = text(`/proc/${this.pid}/cmdline`)
      .replace(/[\0\s]+/g, " ")
      .trim()
      .slice(0, TITLE_MAX);
    return { pid: this.pid, thread: this.thread, name, title: title === "" ? `[${name}]` : title };
  }

  #findKind(): DescriptorKind {
    this.looked = true;
    try {
      const stat = statSync(`/proc/${this.thread}/fd/${this.descriptor}`);
      if (stat.isSocket()) return "socket";
      if (stat.isFIFO()) return "pipe";
      if (stat.isDirectory()) return "directory";
      if (stat.isCharacterDevice()) return "device";
      if (stat.isBlockDevice()) return "block device";
      if (!stat.isFile()) return "internal";
    } catch {
      return "closed";
    }
    if (/^\/(proc|sys)\//.test(this.path)) return "kernel file";
    return this.path.startsWith("/memfd:") ? "memory" : "file";
  }

  #findPath(): string {
    this.looked = true;
    try {
      const link = readlinkSync(`/proc/${this.thread}/fd/${this.descriptor}`);
      return link.startsWith("/") ? link : link.replace(/:?\[.*\]$/, "");
    } catch {
      return "";
    }
  }

  #findPeer(): Peer {
    this.looked = true;
    const address = BigInt(this.#arguments[2] ?? 0) | (BigInt(this.#arguments[3] ?? 0) << 32n);
    const length = Math.min(this.#arguments[4] ?? 0, ADDRESS_BYTES);
    try {
      return parseAddress(readMemory(this.thread, address, length));
    } catch {
      return { family: "other", address: "", port: 0 };
    }
  }

  #findStream(): boolean {
    this.looked = true;
    try {
      return isStreamSocket(this.pid, this.descriptor);
    } catch {
      return false;
    }
  }
}

function text(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
