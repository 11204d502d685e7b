/**
 * Standing TCP connections of a service: their list, and their reset. A pooled connection never calls connect again, so a
 * rule on connect begins with ending those that stand. It is no mechanism of rules and leaves nothing behind.
 *
 * Which end is ended decides what the service sees. A server that crashed resets: so the server's end is, and the client
 * gets ECONNRESET. Where that end can't be reached it is the client's own, which then gets ECONNABORTED; the result says so.
 */
import { release } from "node:os";
import { closeSync } from "node:fs";
import koffi from "koffi";
import { Problem } from "../../model/problem.ts";
import type { Endpoint } from "../../model/rule.ts";
import type { Availability, Caller, Connection, Target } from "../messages.ts";
import { inNetworkOf } from "../linux/namespace.ts";
import type { End, TcpConnection } from "../linux/netlink.ts";
import { SockDiag } from "../linux/netlink.ts";
import { libc, SystemError, systemError } from "../linux/system-error.ts";

export interface Reset {
  /** Connections that were ended. */
  readonly reset: number;
  /** Those of them that were ended at the server's end: the service sees ECONNRESET; at its own end, ECONNABORTED. */
  readonly at_server: number;
  /** Why connections still stand, "" when none does. */
  readonly failed: string;
}

const same = (a: End, b: End): boolean => a.address === b.address && a.port === b.port;

/** Does something with sock_diag in the network of a process. Throws SystemError. */
function withSockDiag<T>(pid: number, act: (diag: SockDiag) => T): T {
  const diag = inNetworkOf(pid, () => new SockDiag());
  try {
    return act(diag);
  } finally {
    diag.close();
  }
}

function standing(diag: SockDiag, to: readonly Endpoint[]): { connection: TcpConnection; service: string }[] {
  return diag.established().flatMap((connection) => {
    const { address, port } = connection.remote;
    const end = to.find((endpoint) => endpoint.port === port && endpoint.addresses.includes(address));
    return end === undefined ? [] : [{ connection, service: end.service }];
  });
}

/** The established TCP connections of a service to these endpoints. Throws Problem CONNECTIONS_UNSEEN when its network can't be entered. */
export function connections(target: Target, to: readonly Endpoint[]): Connection[] {
  try {
    return withSockDiag(target.pid, (diag) => standing(diag, to).map(described));
  } catch (error) {
    const message = `${target.service}: can't list its connections: ${reasonOf(error)}`;
    const hint = "Look whether the service still runs, and at `reset` in `./faultbook doctor`.";
    throw new Problem("CONNECTIONS_UNSEEN", "system", message, hint, { cause: error });
  }
}

function described({
  connection: { local, remote, bytes_acked, bytes_received },
  service,
}: ReturnType<typeof standing>[number]): Connection {
  return {
    service,
    local: `${local.address}:${local.port}`,
    remote: `${remote.address}:${remote.port}`,
    // The end that connected counts its SYN as acknowledged too (tcp_finish_connect), and a target connected.
    bytes_sent: Math.max(0, bytes_acked - 1),
    bytes_received,
  };
}

/** Ends the connections of a service to these endpoints. `services` are known first processes, by which servers are found. */
export function resetConnections(
  target: Target,
  to: readonly Endpoint[],
  services: readonly Pick<Caller, "service" | "pid">[] = [],
): Reset {
  let reset = 0;
  let at_server = 0;
  const failures = new Set<string>();
  try {
    withSockDiag(target.pid, (client) => {
      const left = standing(client, to);
      for (const service of new Set(left.map((each) => each.service))) {
        const mine = left.filter((each) => each.service === service).map(({ connection }) => connection);
        const pid = services.find((known) => known.service === service && known.pid !== undefined)?.pid;
        const ended = pid === undefined ? new Set<TcpConnection>() : endAtServer(pid, mine);
        at_server += ended.size;
        reset += ended.size;
        for (const connection of mine) {
          if (ended.has(connection)) continue;
          const outcome = end(client, connection);
          if (outcome === true) reset++;
          else if (outcome !== false) failures.add(outcome);
        }
      }
    });
  } catch (error) {
    failures.add(reasonOf(error));
  }
  return { reset, at_server, failed: [...failures].join("; ") };
}

/** Ends those connections whose other end is found in the server's network; whatever can't be done is left to the client's end. */
function endAtServer(pid: number, mine: readonly TcpConnection[]): Set<TcpConnection> {
  const ended = new Set<TcpConnection>();
  try {
    withSockDiag(pid, (server) => {
      const there = server.established();
      for (const connection of mine) {
        const other = there.find(({ local, remote }) => same(local, connection.remote) && same(remote, connection.local));
        if (other !== undefined && end(server, other) === true) ended.add(connection);
      }
    });
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    // The server is gone or its network closed to us: the client's end is still there.
  }
  return ended;
}

/** Whether it was ended by us (false: it was gone), or why it could not be. */
function end(diag: SockDiag, connection: TcpConnection): boolean | string {
  try {
    return diag.destroy(connection);
  } catch (error) {
    return reasonOf(error);
  }
}

/** Anything but a refusal of the kernel is an error of ours and goes on. */
function reasonOf(error: unknown): string {
  if (!(error instanceof SystemError)) throw error;
  if (error.code === "EOPNOTSUPP") return `${error.message}: this kernel has no CONFIG_INET_DIAG_DESTROY`;
  if (error.code === "EPERM") return `${error.message}: it needs CAP_NET_ADMIN, and CAP_SYS_ADMIN to enter a network`;
  return error.message;
}

const socket: (domain: number, type: number, protocol: number) => number = libc.func("int socket(int domain, int type, int protocol)");
const bind: (fd: number, address: Uint8Array, length: number) => number = libc.func("int bind(int fd, void *address, uint32_t length)");
const listen: (fd: number, backlog: number) => number = libc.func("int listen(int fd, int backlog)");
const connect: (fd: number, address: Uint8Array, length: number) => number = libc.func(
  "int connect(int fd, void *address, uint32_t length)",
);
const getsockname: (fd: number, address: Uint8Array, length: Uint32Array) => number = libc.func(
  "int getsockname(int fd, void *address, void *length)",
);
const AF_INET = 2;
const SOCK_STREAM_CLOEXEC = 1 | 0x80000;

let tried: Availability | undefined;

/** Really resets a connection, one of our own on the loopback interface. */
export function probeReset(): Availability {
  return (tried ??= tryOut());
}

function tryOut(): Availability {
  const answer = (available: boolean, detail: string): Availability => ({ mechanism: "reset", available, detail });
  const open: number[] = [];
  const stream = (): number => {
    const fd = socket(AF_INET, SOCK_STREAM_CLOEXEC, 0);
    if (fd < 0) throw systemError(koffi.errno(), "open a socket");
    open.push(fd);
    return fd;
  };
  try {
    // struct sockaddr_in: family, port, address. A connection to a listening socket stands without being accepted.
    const address = Buffer.from([AF_INET, 0, 0, 0, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    const server = stream();
    if (bind(server, address, address.length) !== 0 || listen(server, 1) !== 0) throw systemError(koffi.errno(), "listen on loopback");
    getsockname(server, address, Uint32Array.of(address.length));
    if (connect(stream(), address, address.length) !== 0) throw systemError(koffi.errno(), "connect on loopback");
    const port = address.readUInt16BE(2);
    const outcome = withSockDiag(process.pid, (diag) => {
      const [ours] = standing(diag, [{ service: "", addresses: ["127.0.0.1"], port }]);
      return ours === undefined ? "our own connection is not in the kernel's list" : end(diag, ours.connection);
    });
    if (outcome === true) return answer(true, `netlink sock_diag, Linux ${release()}`);
    return answer(false, `${outcome === false ? "our own connection was gone" : outcome} (Linux ${release()})`);
  } catch (error) {
    return answer(false, `${reasonOf(error)} (Linux ${release()})`);
  } finally {
    open.forEach((fd) => closeSync(fd));
  }
}
