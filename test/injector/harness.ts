/** Starts the real injector as a session would, and real processes to act on; everything ends with the test. */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { existsSync, readFileSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";
import { ARCHITECTURE } from "../../injector/linux/syscalls.ts";
import type { CallReport, Caller, DockerAddress, Line, NoticeReport, Order, Reply, Target } from "../../injector/messages.ts";
import type { Endpoint, Rule } from "../../model/rule.ts";

const PROGRAM = join(import.meta.dirname, "../../injector/main.ts");
const WAIT_MS = 20_000;

type Distributed<T, K extends string> = T extends unknown ? Omit<T, K> : never;
export type OrderWithoutId = Distributed<Order, "id">;
type Replies = { [K in Extract<Reply, { ok: true }>["reply"]]: Extract<Reply, { ok: true; reply: K }> };

export class Refusal extends Error {
  readonly code: string;
  readonly hint: string;
  constructor(code: string, message: string, hint: string) {
    super(`${code}: ${message}`);
    this.code = code;
    this.hint = hint;
  }
}

export class InjectorProcess {
  readonly child: ChildProcess;
  readonly calls: CallReport[] = [];
  readonly notices: NoticeReport[] = [];
  readonly exited: Promise<void>;
  readonly #waiting = new Map<number, { resolve: (reply: Reply) => void; reject: (error: Error) => void }>();
  #lastId = 0;
  keeper = 0;

  /** `wrapper` is a command that runs the one which follows it. */
  constructor(wrapper: readonly string[] = []) {
    const [command = "", ...args]: string[] = [...wrapper, process.execPath, PROGRAM];
    this.child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
    this.exited = new Promise((resolve) => {
      this.child.once("exit", () => {
        for (const { reject } of this.#waiting.values()) reject(new Error("the injector ended"));
        resolve();
      });
    });
    this.child.stdin?.on("error", () => undefined);
    if (this.child.stdout === null) throw new Error("no standard output");
    createInterface({ input: this.child.stdout }).on("line", (text) => {
      const line = JSON.parse(text) as Line;
      if (!("report" in line)) {
        this.#waiting.get(line.id)?.resolve(line);
        this.#waiting.delete(line.id);
      } else if (line.report === "call") this.calls.push(line);
      else this.notices.push(line);
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Rejects with Refusal. */
  async order<K extends OrderWithoutId["order"]>(order: Extract<OrderWithoutId, { order: K }>): Promise<Replies[K]> {
    const id = ++this.#lastId;
    const reply = await within(
      new Promise<Reply>((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject });
        this.child.stdin?.write(`${JSON.stringify({ ...order, id })}\n`);
      }),
      `the reply to ${order.order}`,
    );
    if (!reply.ok) throw new Refusal(reply.code, reply.message, reply.hint);
    if (reply.reply !== order.order) throw new Error(`the reply to ${order.order} is one to ${reply.reply}`);
    return reply as Replies[K];
  }

  async begin(label = "test", docker: DockerAddress = null, owner = process.pid): Promise<this> {
    this.keeper = (await this.order({ order: "begin", owner, label, docker })).keeper;
    return this;
  }

  arm(rules: readonly Rule[], target: Target, callers: readonly Caller[] = []): Promise<Replies["arm"]> {
    return this.order({ order: "arm", rules, targets: [target], callers });
  }

  async disarm(...rules: string[]): Promise<Replies["disarm"]["counts"]> {
    return (await this.order({ order: "disarm", rules })).counts;
  }

  close(): void {
    this.child.stdin?.end();
  }
}

/** An injector that has begun. It and its keeper end with the test, whatever happened. */
export async function startInjector(t: TestContext): Promise<InjectorProcess> {
  const injector = new InjectorProcess();
  t.after(async () => {
    injector.close();
    injector.child.kill("SIGKILL");
    await injector.exited;
  });
  return injector.begin();
}

export async function within<T>(promise: Promise<T>, what: string, wait_ms = WAIT_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not come within ${wait_ms / 1000} s`)), wait_ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Asks again and again until the answer isn't undefined or false. */
export async function eventually<T>(
  what: string,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
  wait_ms = WAIT_MS,
): Promise<T> {
  const end_ms = performance.now() + wait_ms;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > end_ms) throw new Error(`${what}: not within ${wait_ms / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A process of ours to act on: a Node program that answers each line it is sent with a line. */
export class Subject {
  readonly child: ChildProcess;
  readonly lines: string[] = [];
  readonly exited: Promise<void>;
  #wake: (() => void) | undefined;

  constructor(t: TestContext, command: string, args: readonly string[]) {
    this.child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
    this.exited = new Promise((resolve) => this.child.once("exit", () => resolve()));
    this.child.stdin?.on("error", () => undefined);
    if (this.child.stdout === null) throw new Error("no standard output");
    createInterface({ input: this.child.stdout }).on("line", (line) => {
      this.lines.push(line);
      this.#wake?.();
    });
    t.after(async () => {
      this.child.kill("SIGKILL");
      await this.exited;
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get target(): Target {
    return { service: "subject", pid: this.pid, addresses: ["127.0.0.1"] };
  }

  /** The next line that it writes. */
  next(wait_ms = WAIT_MS): Promise<string> {
    const line = new Promise<string>((resolve) => {
      const take = (): void => {
        const first = this.lines.shift();
        if (first === undefined) this.#wake = take;
        else {
          this.#wake = undefined;
          resolve(first);
        }
      };
      take();
    });
    return within(line, "a line of the subject", wait_ms);
  }

  async ask(line: string, wait_ms = WAIT_MS): Promise<string> {
    this.child.stdin?.write(`${line}\n`);
    return this.next(wait_ms);
  }
}

/**
 * Python, since its calls are the kernel's one to one: a program that runs each line it gets and prints what came of it.
 * Its busy children write without rest, say by a counter in shared memory how far they are, and end with it.
 */
const PYTHON = `
import ctypes, errno, mmap, os, signal, socket, struct, sys, threading, time
null = os.open("/dev/null", os.O_WRONLY)

def endWithParent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)

def busyChildren(count):
    children = []
    for _ in range(count):
        counter = mmap.mmap(-1, 16)
        pid = os.fork()
        if pid == 0:
            endWithParent()
            done = 0
            try:
                while True:
                    assert os.write(null, b"x") == 1
                    done += 1
                    counter[0:8] = struct.pack("q", done)
            finally:
                os._exit(1)
        children.append((pid, counter))
    return children

def done(children):
    return [struct.unpack("q", counter[0:8])[0] for _, counter in children]

def advancing(children):
    before = done(children)
    for _ in range(500):
        if all(now > then for now, then in zip(done(children), before)):
            return True
        time.sleep(0.01)
    return False

def end(children):
    for pid, _ in children:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
`;

const PYTHON_LOOP = `
print("ready", flush=True)
for line in sys.stdin:
    try:
        print(eval(line), flush=True)
    except OSError as error:
        print(errno.errorcode[error.errno], flush=True)
`;

export async function startPython(t: TestContext, prelude = ""): Promise<Subject> {
  const subject = new Subject(t, "python3", ["-c", `${PYTHON}\n${prelude}\n${PYTHON_LOOP}`]);
  await subject.next();
  return subject;
}

let lastRule = 0;

export function rule(fields: Partial<Rule> & Pick<Rule, "keyword" | "action">): Rule {
  return { id: `rule-${++lastRule}`, fault: "fault", service: "subject", established: "keep", ...fields };
}

export function end(port: number, address = "127.0.0.1"): Endpoint {
  return { service: "other", addresses: [address], port };
}

export function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
}

/** Whether a thread of a process waits in fsync: proc_pid_syscall(5). */
export function isHeldInFsync(pid: number): boolean {
  return readdirSync(`/proc/${pid}/task`).some((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/syscall`, "utf8").startsWith(`${ARCHITECTURE.numbers.fsync} `),
  );
}

/** The kernel's own word on which processes have a descriptor of a listener. */
export function holdsListener(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => /seccomp notify/.test(readlinkSync(`/proc/${pid}/fd/${fd}`)));
  } catch {
    return false;
  }
}
