/**
 * A Jupyter client for tests of the protocol: starts the real kernel process with a connection file and talks to it through
 * sockets of its own. Signs and parses by itself, so that a fault of the kernel's wire format can't hide behind the same code.
 */
import assert from "node:assert/strict";
import { spawn, type ChildProcess, type SpawnOptions } from "node:child_process";
import { createHmac, randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Dealer, Subscriber, type SocketOptions } from "zeromq";
import { alive, eventually, freePorts, WAIT_MS, within } from "./waiting.ts";

const MAIN = join(import.meta.dirname, "../../../kernel/jupyter/main.ts");
const SESSION = join(import.meta.dirname, "session.ts");
const CHANNELS = ["shell", "control", "stdin", "hb", "iopub"];

export type Fields = Readonly<Record<string, unknown>>;

export interface Message {
  readonly type: string;
  readonly header: Fields;
  readonly parent: Fields;
  readonly metadata: Fields;
  readonly content: Fields;
  /** The frames before the delimiter. */
  readonly route: readonly string[];
}

export interface Run {
  readonly reply: Message;
  /** Everything on iopub about the request, `idle` included. */
  readonly published: readonly Message[];
}

export interface KernelOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly key?: string;
  readonly curve?: { readonly publicKey: string; readonly secretKey: string };
  /** A connection whose ports are to be used; free ones otherwise. */
  readonly ports?: Readonly<Record<string, string | number>>;
  /** The program and arguments before the connection file; the kernel itself by default. */
  readonly command?: readonly string[];
}

/** The real kernel process in front of the stand-in session. */
export class KernelUnderTest {
  readonly process: ChildProcess;
  readonly connection: Readonly<Record<string, string | number>>;
  readonly #directory: string;
  readonly #clients: Client[] = [];
  readonly #exited: Promise<unknown>;
  #said = "";

  private constructor(process: ChildProcess, connection: Readonly<Record<string, string | number>>, directory: string) {
    this.process = process;
    this.connection = connection;
    this.#directory = directory;
    this.#exited = once(process, "exit");
    process.stderr?.setEncoding("utf8").on("data", (text: string) => (this.#said += text));
  }

  static async start({ env = {}, key = "secret", curve, ports, command }: KernelOptions = {}): Promise<KernelUnderTest> {
    const directory = mkdtempSync(join(tmpdir(), "faultbook-test-"));
    const free = await freePorts(CHANNELS.length);
    const connection: Record<string, string | number> = { ip: "127.0.0.1", transport: "tcp", key, signature_scheme: "hmac-sha256" };
    for (const [i, channel] of CHANNELS.entries()) connection[`${channel}_port`] = ports?.[`${channel}_port`] ?? free[i] ?? 0;
    if (curve) Object.assign(connection, { curve_publickey: curve.publicKey, curve_secretkey: curve.secretKey });
    const file = join(directory, "connection.json");
    writeFileSync(file, JSON.stringify(connection));
    const [program, ...args] = command ?? [process.execPath, MAIN];
    assert.ok(program !== undefined);
    const all = { ...process.env, FAULTBOOK_SESSION: SESSION, STANDIN_LOG: join(directory, "log"), ...env };
    // A process group of its own, as jupyter_client gives it.
    const options: SpawnOptions = { env: all, stdio: ["ignore", "ignore", "pipe"], detached: true };
    return new KernelUnderTest(spawn(program, [...args, file], options), connection, directory);
  }

  /** A client that has been welcomed on iopub, so it misses nothing from now on. */
  async connect(options: ClientOptions = {}): Promise<Client> {
    const client = new Client(this.connection, options);
    this.#clients.push(client);
    const died = this.#exited.then(() => assert.fail(`the kernel ended before it welcomed anybody: ${this.#said}`));
    await Promise.race([client.broadcast("iopub_welcome"), died]);
    // Nobody minds any more how it ends.
    died.catch(() => undefined);
    return client;
  }

  /** What kernel and session have written to stderr. */
  get said(): string {
    return this.#said;
  }

  /** What the stand-in has logged so far. */
  log(): string[] {
    try {
      return readFileSync(join(this.#directory, "log"), "utf8").trimEnd().split("\n");
    } catch {
      return [];
    }
  }

  /** Waits until the stand-in has logged a line that starts like this, and returns the last such. */
  async logged(start: string, times = 1): Promise<string> {
    return await eventually(`the stand-in to log \`${start}\``, () => {
      const lines = this.log().filter((line) => line.startsWith(start));
      return lines.length >= times ? lines.at(-1) : undefined;
    });
  }

  /** To the whole process group, as jupyter_client sends it. */
  signal(signal: NodeJS.Signals): void {
    assert.ok(this.process.pid !== undefined);
    process.kill(-this.process.pid, signal);
  }

  async exit(): Promise<void> {
    await within(this.#exited, "the kernel's exit");
  }

  /** Ends kernel and sessions, whatever state they are in. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.close();
    try {
      this.signal("SIGKILL");
    } catch {
      // Nobody of the group lives any more, as it should be.
    }
    await this.exit();
    for (const line of this.log()) {
      const [, pid] = /^start (\d+)$/.exec(line) ?? [];
      if (pid !== undefined && alive(Number(pid))) process.kill(Number(pid), "SIGKILL");
    }
    rmSync(this.#directory, { recursive: true });
  }
}

export interface ClientOptions {
  readonly curveServerKey?: string;
  /** Also the identity of its sockets. */
  readonly session?: string;
}

export class Client {
  readonly session: string;
  readonly #key: string;
  readonly #sockets: { shell: Dealer; control: Dealer; hb: Dealer; iopub: Subscriber };
  #published: Message[] = [];
  #replies: Message[] = [];
  readonly #wake = new Set<() => void>();

  constructor(connection: Readonly<Record<string, string | number>>, { curveServerKey, session = randomUUID() }: ClientOptions) {
    this.session = session;
    this.#key = String(connection["key"]);
    const options: SocketOptions<Subscriber> = { linger: 0, receiveHighWaterMark: 0 };
    if (curveServerKey !== undefined) Object.assign(options, { curveServerKey, ...CLIENT_KEYS });
    this.#sockets = {
      shell: new Dealer({ ...options, routingId: this.session }),
      control: new Dealer({ ...options, routingId: this.session }),
      hb: new Dealer(options),
      iopub: new Subscriber(options),
    };
    for (const [name, socket] of Object.entries(this.#sockets)) socket.connect(`tcp://127.0.0.1:${connection[`${name}_port`]}`);
    this.#sockets.iopub.subscribe();
    void this.#collect(this.#sockets.shell, (message) => this.#replies.push(message));
    void this.#collect(this.#sockets.control, (message) => this.#replies.push(message));
    void this.#collect(this.#sockets.iopub, (message) => this.#published.push(message));
  }

  /** Everything that has come on iopub so far. */
  get published(): readonly Message[] {
    return this.#published;
  }

  /** Sends a request without waiting; returns its msg_id. */
  send(channel: "shell" | "control", type: string, content: object = {}, metadata: object = {}): string {
    const id = randomUUID();
    const header = { msg_id: id, session: this.session, username: "test", date: new Date().toISOString(), msg_type: type, version: "5.4" };
    const signed = [header, {}, metadata, content].map((part) => JSON.stringify(part));
    this.sendFrames(channel, ["<IDS|MSG>", sign(this.#key, signed), ...signed]);
    return id;
  }

  sendFrames(channel: "shell" | "control", frames: string[]): void {
    void this.#sockets[channel].send(frames);
  }

  async request(channel: "shell" | "control", type: string, content: object = {}, metadata: object = {}): Promise<Run> {
    return await this.finished(this.send(channel, type, content, metadata));
  }

  execute(code: string, options: object = {}, metadata: object = {}): Promise<Run> {
    return this.request("shell", "execute_request", { code, ...options }, metadata);
  }

  startExecute(code: string, options: object = {}): string {
    return this.send("shell", "execute_request", { code, ...options });
  }

  /** Waits for reply and `idle` of a request. */
  async finished(id: string): Promise<Run> {
    const reply = await this.until(`the reply to ${id}`, () => this.#replies.find((one) => one.parent["msg_id"] === id));
    await this.publishedFor(id, (message) => message.content["execution_state"] === "idle");
    return { reply, published: this.#published.filter((one) => one.parent["msg_id"] === id) };
  }

  /** Waits for a broadcast about this request. */
  publishedFor(id: string, test: (message: Message) => boolean): Promise<Message> {
    return this.until(`a broadcast about ${id}`, () => this.#published.find((one) => one.parent["msg_id"] === id && test(one)));
  }

  /** Waits for a broadcast of this type, whatever caused it. */
  broadcast(type: string): Promise<Message> {
    return this.until(`a broadcast ${type}`, () => this.#published.find((one) => one.type === type));
  }

  /** Sends this heartbeat and returns what comes back. */
  async heartbeat(text: string): Promise<string> {
    void this.#sockets.hb.send(text);
    const [echo] = await within(this.#sockets.hb.receive(), "the heartbeat's echo");
    return String(echo);
  }

  async until<T>(what: string, find: () => T | undefined): Promise<T> {
    const deadline = performance.now() + WAIT_MS;
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      const left = deadline - performance.now();
      assert.ok(left > 0, `${what} did not come`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake.add(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  close(): void {
    for (const socket of Object.values(this.#sockets)) socket.close();
  }

  async #collect(socket: Dealer | Subscriber, keep: (message: Message) => void): Promise<void> {
    for await (const frames of socket) {
      keep(this.#parse(frames));
      for (const wake of this.#wake) wake();
      this.#wake.clear();
    }
  }

  #parse(frames: readonly Buffer[]): Message {
    const texts = frames.map((frame) => frame.toString("utf8"));
    const delimiter = texts.indexOf("<IDS|MSG>");
    const [signature, ...signed] = texts.slice(delimiter + 1);
    assert.equal(signature, sign(this.#key, signed), "the kernel's signature");
    assert.equal(signed.length, 4, "four signed frames and no buffers");
    const [header = {}, parent = {}, metadata = {}, content = {}] = signed.map(fields);
    return { type: String(header["msg_type"]), header, parent, metadata, content, route: texts.slice(0, delimiter) };
  }
}

/** A pair made once for tests of encrypted sockets; it protects nothing. */
const CLIENT_KEYS = {
  curvePublicKey: "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID",
  curveSecretKey: "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs",
};

function sign(key: string, parts: readonly string[]): string {
  if (key === "") return "";
  const hmac = createHmac("sha256", key);
  for (const part of parts) hmac.update(part);
  return hmac.digest("hex");
}

function fields(json: string): Fields {
  const value: unknown = JSON.parse(json);
  assert.ok(typeof value === "object" && value !== null);
  return Object.fromEntries(Object.entries(value));
}

/** The printed text among these broadcasts. */
export function printed(messages: readonly Message[], name = "stdout"): string {
  return messages
    .filter((one) => one.type === "stream" && one.content["name"] === name)
    .map((one) => String(one.content["text"]))
    .join("");
}

/** Types of these broadcasts, statuses by their state. */
export function outline(messages: readonly Message[]): string[] {
  return messages.map((one) => (one.type === "status" ? String(one.content["execution_state"]) : one.type));
}
