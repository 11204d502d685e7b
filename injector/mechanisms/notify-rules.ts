/**
 * Which rules act on a call, and for those that don't, why: pure, given the facts of a call. An errno fires only where the
 * kernel could return it, so that no program meets an error that no real machine would show it.
 */
import type { ErrnoName } from "../../model/errno.ts";
import type { Endpoint, Rule } from "../../model/rule.ts";
import type { DescriptorKind, Peer } from "./notify-call.ts";

/** What a rule needs to know of a call. */
export interface CallFacts {
  readonly kind: DescriptorKind;
  readonly peer: Peer;
  readonly isStream: boolean;
}

const ON_DISK: readonly DescriptorKind[] = ["file", "directory", "block device"];
const ON_SOCKET: readonly DescriptorKind[] = ["socket"];
const ANYWHERE: readonly DescriptorKind[] = ["file", "directory", "block device", "device", "pipe", "socket"];

/** Where write(2), send(2) and fsync(2) can return an errno; those that are absent here can come from anywhere. */
const PLACES: Partial<Record<ErrnoName, readonly DescriptorKind[]>> = {
  ENOSPC: ON_DISK,
  EDQUOT: ON_DISK,
  EROFS: ON_DISK,
  EFBIG: ["file"],
  EIO: ON_DISK,
  EPIPE: ["socket", "pipe"],
  ECONNREFUSED: ON_SOCKET,
  ECONNRESET: ON_SOCKET,
  ECONNABORTED: ON_SOCKET,
  ENOTCONN: ON_SOCKET,
  ETIMEDOUT: ON_SOCKET,
  ENETDOWN: ON_SOCKET,
  ENETUNREACH: ON_SOCKET,
  EHOSTUNREACH: ON_SOCKET,
  ENOBUFS: ON_SOCKET,
};
/**
 * What connect(2) on a TCP socket can fail with: its manual page, and what tcp(7) and ip(7) add from the network (a pending
 * error of the socket included). EIO and those about files and disks are not among them.
 */
const OF_CONNECT: readonly ErrnoName[] = [
  ...(["EACCES", "EPERM", "EADDRINUSE", "EADDRNOTAVAIL", "EAGAIN", "EBADF", "EINTR", "EINVAL", "ENOBUFS", "ENOMEM"] as const),
  ...(["ECONNREFUSED", "ECONNRESET", "ECONNABORTED", "ENETDOWN", "ENETUNREACH", "EHOSTUNREACH", "ETIMEDOUT"] as const),
];

/** A pipe, a terminal or an event counter isn't slow: delays are for disks and networks. */
const SLOW: readonly DescriptorKind[] = [...ON_DISK, ...ON_SOCKET];

const REASON: Readonly<Record<DescriptorKind, string>> = {
  file: "on a file",
  directory: "on a directory",
  device: "on a device",
  "block device": "on a block device",
  pipe: "on a pipe",
  socket: "on a socket",
  internal: "on an internal descriptor",
  "kernel file": "on a kernel file",
  memory: "on a memory file",
  closed: "on a closed descriptor",
};

/** The end that a rule on connect names and a call connects to. */
export function endOf(rule: Rule, peer: Peer): Endpoint | undefined {
  return rule.to?.find((end) => end.port === peer.port && end.addresses.includes(peer.address));
}

/** True when the rule acts on the call; else why not, as the verdict shows it. */
export function actsOn(rule: Rule, call: CallFacts): true | string {
  switch (rule.keyword) {
    case "connect":
      if (call.peer.family === "other") return "to another kind of address";
      if (rule.to !== undefined && endOf(rule, call.peer) === undefined) return "to another address";
      if (rule.action.kind === "deny" && !OF_CONNECT.includes(rule.action.errno))
        return `connects, which can't fail with ${rule.action.errno}`;
      return call.isStream || "not on a stream socket";
    case "write":
    case "fsync": {
      const places = rule.action.kind === "delay" ? SLOW : (PLACES[rule.action.errno] ?? ANYWHERE);
      return places.includes(call.kind) || REASON[call.kind];
    }
  }
}
