/**
 * The five ZeroMQ sockets, bound, with the options that lose nothing: no high-water marks (a full queue drops silently) and
 * sends that never wait (a waiting one makes the next throw EBUSY). Knows frames, no messages.
 */
import { Router, XPublisher } from "zeromq";
import { Problem } from "../../model/problem.ts";
import type { Connection } from "./connection.ts";
import type { Frames } from "./wire.ts";

export interface Sockets {
  readonly shell: Router;
  readonly control: Router;
  readonly stdin: Router;
  /** A ROUTER that echoes: a REP wedges when a client vanishes between its two halves. */
  readonly hb: Router;
  readonly iopub: XPublisher;
}

/** How long what was sent may still travel after a socket has been closed. */
const LINGER_MS = 1000;

/** @throws Problem CANNOT_LISTEN */
export function bindSockets({ endpoints, curve }: Connection): Sockets {
  const lossless = { linger: LINGER_MS, sendHighWaterMark: 0, receiveHighWaterMark: 0, sendTimeout: 0 };
  const secured = curve ? { curveServer: true, curvePublicKey: curve.publicKey, curveSecretKey: curve.secretKey } : {};
  // Handover: a server that reconnects uses its old identity again, and would be refused otherwise.
  const router = (): Router => new Router({ ...lossless, ...secured, handover: true });
  const sockets: Sockets = {
    shell: router(),
    control: router(),
    stdin: router(),
    hb: router(),
    // All subscriptions are shown to us, not only the first of a topic: each gets its welcome.
    iopub: new XPublisher({ ...lossless, ...secured, verbosity: "allSubs" }),
  };
  // iopub first: whoever gets an answer on another channel must be able to have subscribed before.
  for (const channel of ["iopub", "hb", "control", "shell", "stdin"] as const) bind(sockets[channel], endpoints[channel]);
  return sockets;
}

function bind(socket: Router | XPublisher, endpoint: string): void {
  try {
    socket.bindSync(endpoint);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Problem(
      "CANNOT_LISTEN",
      "system",
      `The kernel can't listen on ${endpoint}: ${why}.`,
      "Another program has taken the port meanwhile: shut the kernel down and start it again, and Jupyter chooses other ports.",
      { cause },
    );
  }
}

export function closeSockets(sockets: Sockets): void {
  for (const socket of [sockets.shell, sockets.control, sockets.stdin, sockets.hb, sockets.iopub]) socket.close();
}

/** Takes what comes until the socket is closed. */
export async function each(socket: Router | XPublisher, take: (frames: Buffer[]) => void): Promise<void> {
  for await (const frames of socket) take(frames);
}

/** Sends without waiting. It fails only when the peer is gone, and then there is nobody left to tell. */
export function post(socket: Router | XPublisher, frames: Frames): void {
  if (!socket.closed) socket.send(frames).catch(() => undefined);
}
