/**
 * Orders to the injector and its reports: one JSON object a line on its standard input and output, so that the same words
 * serve a child process and a container. Every order has an `id` and gets exactly one reply with the same `id`, in any
 * order; reports without an id come when something happens. A report about a call is written before the reply to any order
 * that was served after that call: when `disarm` has been answered, all its calls have been reported.
 *
 * Standard input closed means that the session is gone: every rule goes, every call passes, the keeper removes the
 * session's containers, and the injector stays until the last process under a filter has ended.
 */
import type { Rule } from "../model/rule.ts";

/** A service's processes: those of the cgroup and pid namespace of its first process. */
export interface Target {
  readonly service: string;
  /** The first process, in the injector's own pid namespace (the host's). */
  readonly pid: number;
  /** IPv4 addresses of the service. */
  readonly addresses: readonly string[];
}

/** Tells whose request a process is serving: a connection from one of these addresses is a caller's. */
export interface Caller {
  readonly service: string;
  readonly addresses: readonly string[];
  /** Its first process, as a target's. Where it is known of a service that connections lead to, they are reset at that end. */
  readonly pid?: number;
}

export type Order =
  /** First, once. `owner` is the session's pid and `label` the value of the containers' label `faultbook`, for the keeper. */
  | { readonly order: "begin"; readonly id: number; readonly owner: number; readonly label: string; readonly docker: DockerAddress }
  /** What this machine lets each mechanism do. */
  | { readonly order: "probe"; readonly id: number }
  /** All of them or, on an error, none. Targets are those that rules name as `service`. */
  | {
      readonly order: "arm";
      readonly id: number;
      readonly rules: readonly Rule[];
      readonly targets: readonly Target[];
      readonly callers: readonly Caller[];
    }
  /** Lifts these rules; held calls of theirs go on at once. */
  | { readonly order: "disarm"; readonly id: number; readonly rules: readonly string[] }
  /** The established TCP connections of one service to the given ends. */
  | { readonly order: "connections"; readonly id: number; readonly target: Target; readonly to: Rule["to"] & object };

/** Where the keeper finds the engine: the path of its Unix socket, or host and port of an unencrypted loopback address. */
export type DockerAddress = { readonly socketPath: string } | { readonly host: string; readonly port: number } | null;

export interface Availability {
  readonly mechanism: "notify" | "packets" | "reset";
  readonly available: boolean;
  /** Why not, or what it was tried with: "seccomp notification on Linux 6.18, WAIT_KILLABLE_RECV". */
  readonly detail: string;
}

export interface ArmedRule {
  readonly rule: string;
  readonly mechanism: "notify" | "packets";
  /** Why an earlier mechanism in the order was not chosen: "packets: no cgroup v2 directory for process 4711". */
  readonly passed_over: readonly string[];
  /** Standing connections reset. */
  readonly reset: number;
  /** How many of them were ended at the server, so that the service saw ECONNRESET; at its own end it sees ECONNABORTED. */
  readonly reset_at_server: number;
  /** Why a standing connection could not be reset, "" when all were. */
  readonly reset_failed: string;
  /** Processes and threads under the filter; 0 for packets. */
  readonly processes: number;
}

export interface RuleCounts {
  readonly rule: string;
  /** Calls (for packets: connection attempts) that the rule acted on. */
  readonly fired: number;
  /** Calls of the rule's keyword that it saw and let through, by reason: "on a socket", "to another address", "file outside". */
  readonly passed: Readonly<Record<string, number>>;
}

export interface Connection {
  readonly service: string;
  readonly local: string;
  readonly remote: string;
  /** Bytes that the other end has acknowledged, and that were received, since the connection was opened (tcp_info). */
  readonly bytes_sent: number;
  readonly bytes_received: number;
}

export type Reply =
  | { readonly id: number; readonly ok: true; readonly reply: "begin"; readonly pid: number; readonly keeper: number }
  | { readonly id: number; readonly ok: true; readonly reply: "probe"; readonly mechanisms: readonly Availability[] }
  | { readonly id: number; readonly ok: true; readonly reply: "arm"; readonly armed: readonly ArmedRule[]; readonly attach_ms: number }
  | { readonly id: number; readonly ok: true; readonly reply: "disarm"; readonly counts: readonly RuleCounts[] }
  | { readonly id: number; readonly ok: true; readonly reply: "connections"; readonly connections: readonly Connection[] }
  | { readonly id: number; readonly ok: false; readonly code: string; readonly message: string; readonly hint: string };

export interface Process {
  readonly pid: number;
  readonly thread: number;
  /** comm of the process: "postgres", "node". */
  readonly name: string;
  /** The command line as ps shows it, which servers use as a title: "postgres: checkpointer". */
  readonly title: string;
}

/** One call that a rule acted on. */
export interface CallReport {
  readonly report: "call";
  readonly rule: string;
  readonly service: string;
  /** Epoch milliseconds when the call was seen; for a delay, also when it went on (absent while it is held). */
  readonly time_ms: number;
  readonly ended_ms?: number;
  /** "connect", "pwrite64". For packets: "connect". */
  readonly syscall: string;
  /** Absent for packets, which see a connection and no process. */
  readonly process?: Process;
  /** What the descriptor is: a path, or "socket", "pipe". */
  readonly path?: string;
  /** For connect: where to. */
  readonly to?: { readonly service: string; readonly address: string; readonly port: number };
  /** Services (from `callers`) that the process had an established connection from when it called: whose request it may serve. */
  readonly serving: readonly string[];
  /** For a call that was held in a thread: how many connections its process serves, all of which waited. */
  readonly held_connections?: number;
  /** For packets: SYNs dropped for this connection attempt. */
  readonly dropped?: number;
}

/** Something that the session must know and that no order asked for. */
export interface NoticeReport {
  readonly report: "notice";
  readonly code: string;
  readonly message: string;
}

export type Report = CallReport | NoticeReport;

/** What the injector writes, a line each. */
export type Line = Reply | Report;
