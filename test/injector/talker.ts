/**
 * A program that the tests put into a cgroup or a container: it connects, listens and echoes as it is told, one JSON
 * order a line, and counts the ticks of its own event loop meanwhile. It is a plain Node client, without anything of ours.
 */
import net from "node:net";
import { createInterface } from "node:readline";

export type Order =
  | { readonly do: "connect"; readonly host: string; readonly port: number; readonly timeout_ms: number; readonly localPort?: number }
  | { readonly do: "listen"; readonly host: string }
  /** Sends a byte and waits until it comes back. */
  | { readonly do: "echo"; readonly connection: number }
  /** How the connection ended: an errno's name, "closed"; waits for the end. */
  | { readonly do: "fate"; readonly connection: number }
  /** How the accepted connection from this remote port ended, likewise. */
  | { readonly do: "accepted fate"; readonly port: number };

export interface Answer {
  /** "connected", "gave up", or the name of the error. */
  readonly outcome: string;
  /** Of the event loop, every 10 ms, between the order and the answer. */
  readonly ticks: number;
  readonly connection: number;
  readonly port: number;
}

const connections: net.Socket[] = [];
const fates: Promise<string>[] = [];
/** By remote port. */
const acceptedFates = new Map<number, Promise<string>>();

const codeOf = (error: Error): string => ("code" in error ? String(error.code) : error.message);

function fateOf(socket: net.Socket): Promise<string> {
  return new Promise((resolve) => {
    socket.once("error", (error) => resolve(codeOf(error)));
    socket.once("close", () => resolve("closed"));
  });
}

async function connect(order: Order & { do: "connect" }): Promise<Partial<Answer>> {
  const { host, port, localPort } = order;
  const socket = net.connect({ host, port, ...(localPort === undefined ? {} : { localPort }) });
  const outcome = await new Promise<string>((resolve) => {
    const timer = setTimeout(() => resolve("gave up"), order.timeout_ms);
    socket.once("connect", () => resolve("connected"));
    socket.on("error", (error) => resolve(codeOf(error)));
    socket.once("close", () => clearTimeout(timer));
    socket.once("connect", () => clearTimeout(timer));
  });
  if (outcome !== "connected") {
    socket.destroy();
    return { outcome };
  }
  fates.push(fateOf(socket));
  const local = socket.localPort ?? 0;
  return { outcome, connection: connections.push(socket) - 1, port: local };
}

async function listen(host: string): Promise<Partial<Answer>> {
  const server = net.createServer((socket) => {
    acceptedFates.set(socket.remotePort ?? 0, fateOf(socket));
    socket.on("data", (data) => socket.write(data));
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const address = server.address();
  return { outcome: "listens", port: typeof address === "object" && address !== null ? address.port : 0 };
}

async function perform(order: Order): Promise<Partial<Answer>> {
  switch (order.do) {
    case "connect":
      return connect(order);
    case "listen":
      return listen(order.host);
    case "echo": {
      const socket = connections[order.connection];
      const back = new Promise<string>((resolve) => socket?.once("data", () => resolve("echoed")));
      socket?.write("x");
      return { outcome: (await Promise.race([back, fates[order.connection]])) ?? "no such connection" };
    }
    case "fate":
      return { outcome: (await fates[order.connection]) ?? "no such connection" };
    case "accepted fate":
      return { outcome: (await acceptedFates.get(order.port)) ?? "no such connection" };
  }
}

createInterface({ input: process.stdin })
  .on("line", (line) => {
    const order = JSON.parse(line) as Order;
    let ticks = 0;
    const ticker = setInterval(() => ticks++, 10);
    void perform(order).then((answer) => {
      clearInterval(ticker);
      process.stdout.write(JSON.stringify({ outcome: "", connection: -1, port: 0, ...answer, ticks }) + "\n");
    });
  })
  .on("close", () => process.exit(0));
