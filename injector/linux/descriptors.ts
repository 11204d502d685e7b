/**
 * Sending open files to another process over a pair of Unix sockets (SCM_RIGHTS). A file on its way is open: when the
 * sender dies after sending, the receiver still gets it. Source: unix(7), sendmsg(2), recvmsg(2), cmsg(3).
 */
import koffi from "koffi";
import { libc, systemError } from "./system-error.ts";

const socketpair: (domain: number, type: number, protocol: number, pair: Int32Array) => number = libc.func(
  "int socketpair(int domain, int type, int protocol, void *pair)",
);
const sendmsg: (fd: number, message: Uint8Array, flags: number) => number | bigint = libc.func(
  "long sendmsg(int fd, void *message, int flags)",
);
const recvmsg: (fd: number, message: Uint8Array, flags: number) => number | bigint = libc.func(
  "long recvmsg(int fd, void *message, int flags)",
);

const AF_UNIX = 1;
const SOCK_SEQPACKET = 5;
const SOCK_CLOEXEC = 0x80000;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const MSG_CMSG_CLOEXEC = 0x40000000;
const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
const EINTR = 4;
const EAGAIN = 11;

/** struct msghdr, struct cmsghdr with one descriptor: 64-bit layouts. */
const MESSAGE_BYTES = 56;
const CONTROL_BYTES = 24;
const PACKET_BYTES = 512;

/** Two connected ends; a packet sent into one comes whole out of the other. */
export function socketPair(): readonly [number, number] {
  const pair = new Int32Array(2);
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) !== 0) throw systemError(koffi.errno(), "socketpair");
  const [one = -1, other = -1] = pair;
  return [one, other];
}

function message(payload: Buffer, vector: BigUint64Array, control: Buffer | undefined): Buffer {
  vector[0] = koffi.address(payload);
  vector[1] = BigInt(payload.length);
  const header = Buffer.alloc(MESSAGE_BYTES);
  header.writeBigUInt64LE(koffi.address(vector), 16);
  header.writeBigUInt64LE(1n, 24);
  if (control !== undefined) {
    header.writeBigUInt64LE(koffi.address(control), 32);
    header.writeBigUInt64LE(BigInt(control.length), 40);
  }
  return header;
}

/** Sends a text of at most 512 bytes, and an open file with it. False when the other end is gone or doesn't read. */
export function sendPacket(socket: number, text: string, fd?: number): boolean {
  const payload = Buffer.from(text);
  if (payload.length > PACKET_BYTES) throw new RangeError(`a packet of ${payload.length} bytes`);
  const vector = new BigUint64Array(2);
  let control: Buffer | undefined;
  if (fd !== undefined) {
    control = Buffer.alloc(CONTROL_BYTES);
    control.writeBigUInt64LE(20n, 0);
    control.writeInt32LE(SOL_SOCKET, 8);
    control.writeInt32LE(SCM_RIGHTS, 12);
    control.writeInt32LE(fd, 16);
  }
  return sendmsg(socket, message(payload, vector, control), MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

/** The next packet: undefined when none has come yet, "gone" when the other end was closed and all was read. */
export function receivePacket(socket: number): { readonly text: string; readonly fd?: number } | "gone" | undefined {
  const payload = Buffer.alloc(PACKET_BYTES);
  const vector = new BigUint64Array(2);
  const control = Buffer.alloc(CONTROL_BYTES);
  const header = message(payload, vector, control);
  for (;;) {
    const length = Number(recvmsg(socket, header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC));
    if (length < 0) {
      if (koffi.errno() === EINTR) continue;
      return koffi.errno() === EAGAIN ? undefined : "gone";
    }
    if (length === 0) return "gone";
    const text = payload.toString("utf8", 0, length);
    const hasDescriptor = header.readBigUInt64LE(40) >= 20n && control.readInt32LE(12) === SCM_RIGHTS;
    return hasDescriptor ? { text, fd: control.readInt32LE(16) } : { text };
  }
}
