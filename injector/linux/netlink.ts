/**
 * The kernel's own list of TCP connections in a network namespace, and ending one of them: netlink sock_diag. Nothing is
 * attached and nothing stays. Whose connections are meant is decided elsewhere. Source: sock_diag(7), netlink(7),
 * include/uapi/linux/inet_diag.h, `struct tcp_info` in include/uapi/linux/tcp.h.
 */
import { closeSync } from "node:fs";
import koffi from "koffi";
import { libc, systemError } from "./system-error.ts";

const socket: (domain: number, type: number, protocol: number) => number = libc.func("int socket(int domain, int type, int protocol)");
const send: (fd: number, bytes: Uint8Array, length: number, flags: number) => number | bigint = libc.func(
  "long send(int fd, void *bytes, size_t length, int flags)",
);
const recv: (fd: number, bytes: Uint8Array, length: number, flags: number) => number | bigint = libc.func(
  "long recv(int fd, void *bytes, size_t length, int flags)",
);

const AF_NETLINK = 16;
const SOCK_RAW_CLOEXEC = 3 | 0x80000;
const NETLINK_SOCK_DIAG = 4;
/** The kernel puts an answer into the queue before `send` returns: there is never anything to wait for. */
const MSG_DONTWAIT = 0x40;

const SOCK_DIAG_BY_FAMILY = 20;
const SOCK_DESTROY = 21;
const REQUEST = { list: 0x301 /* REQUEST, ROOT, MATCH */, destroy: 0x5 /* REQUEST, ACK */ } as const;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const NLM_F_DUMP_INTR = 0x10;

const AF_INET = 2;
const AF_INET6 = 10;
const IPPROTO_TCP = 6;
const STATE_ESTABLISHED = 1;
const INET_DIAG_INFO = 2;

/** struct nlmsghdr, struct inet_diag_req_v2 and struct inet_diag_msg behind the header. */
const HEADER_BYTES = 16;
const REQUEST_BYTES = HEADER_BYTES + 56;
const ID_OFFSET = HEADER_BYTES + 4;
const ID_BYTES = 48;
const ATTRIBUTES_OFFSET = HEADER_BYTES + 72;
const TCP_INFO = { bytes_acked: 120, bytes_received: 128, bytes: 136 } as const;

const ENOENT = 2;
const LIST_TRIES = 3;

export interface End {
  /** Dotted for IPv4 and for IPv4-mapped IPv6, which a dual-stack socket has; otherwise 32 hexadecimal digits. */
  readonly address: string;
  readonly port: number;
}

export interface TcpConnection {
  readonly local: End;
  readonly remote: End;
  /** Bytes that the other end has acknowledged and that were received, since it was opened. */
  readonly bytes_acked: number;
  readonly bytes_received: number;
  /** The kernel's name for this very socket, with its cookie. */
  readonly family: number;
  readonly id: Buffer;
}

/** A socket to the kernel about the network namespace in which it was made. */
export class SockDiag {
  readonly #fd: number;
  readonly #buffer = Buffer.alloc(1 << 16);

  /** Throws SystemError. */
  constructor() {
    this.#fd = socket(AF_NETLINK, SOCK_RAW_CLOEXEC, NETLINK_SOCK_DIAG);
    if (this.#fd < 0) throw systemError(koffi.errno(), "open a sock_diag socket");
  }

  /** Established TCP connections, IPv4 and IPv6. Throws SystemError. */
  established(): TcpConnection[] {
    return [AF_INET, AF_INET6].flatMap((family) => this.#list(family));
  }

  /**
   * Ends a connection: its own process sees ECONNABORTED, the other end gets a reset. False when it was gone already. Throws
   * SystemError: EOPNOTSUPP where the kernel was built without CONFIG_INET_DIAG_DESTROY, EPERM without CAP_NET_ADMIN.
   */
  destroy(connection: TcpConnection): boolean {
    this.#send(SOCK_DESTROY, REQUEST.destroy, connection.family, connection.id);
    const length = this.#receive();
    const type = this.#buffer.readUInt16LE(4);
    if (length < HEADER_BYTES + 4 || type !== NLMSG_ERROR) throw new Error(`sock_diag: an answer of type ${type}`);
    const errno = -this.#buffer.readInt32LE(HEADER_BYTES);
    if (errno === ENOENT) return false;
    if (errno !== 0) throw systemError(errno, "end a TCP connection");
    return true;
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** A list that the kernel says it could not make consistently is asked for again. */
  #list(family: number): TcpConnection[] {
    let found: TcpConnection[] = [];
    for (let tries = 0; tries < LIST_TRIES; tries++) {
      this.#send(SOCK_DIAG_BY_FAMILY, REQUEST.list, family);
      found = [];
      if (!this.#readList(family, found)) break;
    }
    return found;
  }

  /** Whether the list was interrupted by changes. */
  #readList(family: number, found: TcpConnection[]): boolean {
    const bytes = this.#buffer;
    for (let interrupted = false; ;) {
      const length = this.#receive();
      for (let at = 0; at + HEADER_BYTES <= length;) {
        const size = bytes.readUInt32LE(at);
        const type = bytes.readUInt16LE(at + 4);
        if ((bytes.readUInt16LE(at + 6) & NLM_F_DUMP_INTR) !== 0) interrupted = true;
        if (type === NLMSG_DONE) return interrupted;
        if (type === NLMSG_ERROR) {
          const errno = -bytes.readInt32LE(at + HEADER_BYTES);
          if (errno === ENOENT) return false; // no sockets of this family: the kernel was built or booted without it
          throw systemError(errno, "list TCP connections");
        }
        found.push(connectionOf(family, bytes.subarray(at, at + size)));
        at += (size + 3) & ~3;
      }
    }
  }

  #send(type: number, flags: number, family: number, id?: Buffer): void {
    const message = Buffer.alloc(REQUEST_BYTES);
    message.writeUInt32LE(REQUEST_BYTES, 0);
    message.writeUInt16LE(type, 4);
    message.writeUInt16LE(flags, 6);
    message[HEADER_BYTES] = family;
    message[HEADER_BYTES + 1] = IPPROTO_TCP;
    message[HEADER_BYTES + 2] = 1 << (INET_DIAG_INFO - 1);
    message.writeUInt32LE(1 << STATE_ESTABLISHED, ID_OFFSET);
    id?.copy(message, ID_OFFSET + 4);
    if (Number(send(this.#fd, message, message.length, 0)) < 0) throw systemError(koffi.errno(), "ask sock_diag");
  }

  #receive(): number {
    const length = Number(recv(this.#fd, this.#buffer, this.#buffer.length, MSG_DONTWAIT));
    if (length < 0) throw systemError(koffi.errno(), "hear from sock_diag");
    return length;
  }
}

function connectionOf(family: number, message: Buffer): TcpConnection {
  // A copy, since the buffer is read into again: ports (2 + 2 bytes), addresses (16 + 16), interface (4), cookie (8).
  const id = Buffer.from(message.subarray(ID_OFFSET, ID_OFFSET + ID_BYTES));
  const info = attribute(message, INET_DIAG_INFO);
  const counter = (at: number): number => (info !== undefined && info.length >= TCP_INFO.bytes ? Number(info.readBigUInt64LE(at)) : 0);
  return {
    local: { address: addressOf(family, id.subarray(4, 20)), port: id.readUInt16BE(0) },
    remote: { address: addressOf(family, id.subarray(20, 36)), port: id.readUInt16BE(2) },
    bytes_acked: counter(TCP_INFO.bytes_acked),
    bytes_received: counter(TCP_INFO.bytes_received),
    family,
    id,
  };
}

/** An attribute's bytes: struct rtattr with a length of its own header and content, then a type. */
function attribute(message: Buffer, type: number): Buffer | undefined {
  for (let at = ATTRIBUTES_OFFSET; at + 4 <= message.length;) {
    const length = message.readUInt16LE(at);
    if (length < 4) return undefined;
    if (message.readUInt16LE(at + 2) === type) return message.subarray(at + 4, at + length);
    at += (length + 3) & ~3;
  }
  return undefined;
}

function addressOf(family: number, bytes: Buffer): string {
  if (family === AF_INET) return [...bytes.subarray(0, 4)].join(".");
  const mapped = bytes.readBigUInt64BE(0) === 0n && bytes.readUInt32BE(8) === 0xffff;
  return mapped ? [...bytes.subarray(12)].join(".") : bytes.toString("hex");
}
