/**
 * One question to a service that starts: does it answer its protocol? Each question is one connection of its own, closed
 * again. It neither repeats nor judges; health.ts does.
 */
import { request } from "node:http";
import { connect, type Socket } from "node:net";

export interface Place {
  readonly address: string;
  readonly port: number;
}

/** A connection can be opened. */
export async function tcpAnswers(at: Place, ms: number, signal: AbortSignal): Promise<void> {
  await dialled(at, ms, signal, (_socket, done) => done());
}

/** GET answers with a status that `accepts` takes. */
export async function httpAnswers(
  at: Place,
  path: string,
  accepts: (status: number) => boolean,
  ms: number,
  signal: AbortSignal,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const asked = request({ host: at.address, port: at.port, path, agent: false, headers: { connection: "close" }, signal }, (answer) => {
      const status = answer.statusCode ?? 0;
      answer.on("error", () => undefined);
      asked.destroy();
      if (accepts(status)) resolve();
      else reject(new Error(`GET ${path} answered ${status}`));
    });
    asked.setTimeout(ms, () => asked.destroy(new Error(`GET ${path} gave no answer within ${ms} ms`)));
    asked.on("error", reject);
    asked.end();
  });
}

/**
 * A Postgres server takes sessions: it answers a StartupMessage by asking for (or doing without) a password, or refuses for a
 * reason that has to do with us; 57P03 alone means that it is still starting.
 * Source: PostgreSQL documentation, "Message Flow" and "Message Formats".
 */
export async function postgresAnswers(at: Place, user: string, ms: number, signal: AbortSignal): Promise<void> {
  await dialled(at, ms, signal, (socket, done, failed) => {
    socket.write(startupMessage(user));
    let answer = Buffer.alloc(0);
    socket.on("data", (chunk) => {
      answer = Buffer.concat([answer, chunk]);
      const kind = answer.toString("latin1", 0, 1);
      if (kind === "R") {
        // Terminate, lest the server's log complain of a client that went away.
        socket.end(Buffer.from([0x58, 0, 0, 0, 4]));
        done();
      } else if (kind !== "E") failed(new Error("it answers, but not as Postgres does"));
      else if (answer.length >= 5 && answer.length >= 1 + answer.readUInt32BE(1)) {
        const fields = answer.toString("utf8", 5).split("\0");
        const code = fields.find((field) => field.startsWith("C"))?.slice(1);
        if (code === "57P03") failed(new Error(fields.find((field) => field.startsWith("M"))?.slice(1) ?? "it is starting up"));
        else done();
      }
    });
  });
}

function startupMessage(user: string): Buffer {
  const body = Buffer.from(`user\0${user}\0database\0${user}\0application_name\0faultbook\0\0`);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + body.length, 0);
  head.writeUInt32BE(196_608, 4);
  return Buffer.concat([head, body]);
}

async function dialled(
  at: Place,
  ms: number,
  signal: AbortSignal,
  use: (socket: Socket, done: () => void, failed: (error: Error) => void) => void,
): Promise<void> {
  signal.throwIfAborted();
  const socket = connect({ host: at.address, port: at.port, noDelay: true });
  let abort: (() => void) | undefined;
  const timer = setTimeout(() => socket.destroy(new Error(`no answer within ${ms} ms`)), ms);
  try {
    await new Promise<void>((resolve, reject) => {
      abort = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error("interrupted", { cause: signal.reason }));
      signal.addEventListener("abort", abort, { once: true });
      socket.on("error", reject);
      socket.on("close", () => reject(new Error("the connection was closed without an answer")));
      socket.on("connect", () => use(socket, resolve, reject));
    });
  } finally {
    clearTimeout(timer);
    if (abort !== undefined) signal.removeEventListener("abort", abort);
    if (!socket.writableEnded) socket.destroy();
    else socket.destroySoon();
  }
}
