/** All processes and threads of a service, at any moment, without losing anything of theirs; needs root. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { eventually, Refusal, rule, startInjector, startPython } from "./harness.ts";

const denied = (): ReturnType<typeof rule> => rule({ keyword: "fsync", action: { kind: "deny", errno: "EIO" } });

function refusedWith(code: string): (error: unknown) => boolean {
  return (error) => error instanceof Refusal && error.code === code && error.hint !== "";
}

test("every thread is covered, those that were there and those that come", async (t) => {
  const injector = await startInjector(t);
  const subject = await startPython(
    t,
    `
go = threading.Event()
seen = []
def wait():
    go.wait()
    sync()
def sync():
    try:
        os.fsync(null)
        seen.append("passed")
    except OSError as error:
        seen.append(errno.errorcode[error.errno])
threads = [threading.Thread(target=wait) for _ in range(30)]
for thread in threads: thread.start()
null = os.open("/tmp", os.O_RDONLY)
def collect():
    late = threading.Thread(target=sync)
    late.start()
    go.set()
    for thread in threads + [late]: thread.join()
    return sorted(set(seen)), len(seen)
`,
  );
  await injector.arm([denied()], subject.target);
  assert.equal(await subject.ask("collect()"), "(['EIO'], 31)");
});

test("every process of a tree is covered, those that were there and those that are forked later, as Postgres does", async (t) => {
  const injector = await startInjector(t);
  const subject = await startPython(
    t,
    `
import multiprocessing
def backend(orders, answers):
    endWithParent()
    directory = os.open("/tmp", os.O_RDONLY)
    while orders.get():
        try:
            os.fsync(directory)
            answers.put("passed")
        except OSError as error:
            answers.put(errno.errorcode[error.errno])
context = multiprocessing.get_context("fork")
def start():
    orders, answers = context.SimpleQueue(), context.SimpleQueue()
    context.Process(target=backend, args=(orders, answers), daemon=True).start()
    return orders, answers
backends = [start() for _ in range(8)]
def sync(backends):
    for orders, _ in backends: orders.put(True)
    return set(answers.get() for _, answers in backends)
`,
  );
  const first = denied();
  const { armed } = await injector.arm([first], subject.target);
  assert.equal(armed[0]?.processes, 9);
  assert.equal(await subject.ask("sync(backends)"), "{'EIO'}");
  assert.equal(await subject.ask("sync([start(), start()])"), "{'EIO'}");
  const [counts] = await injector.disarm(first.id);
  assert.equal(counts?.fired, 10);
  assert.equal(new Set(injector.calls.map((call) => call.process?.pid)).size, 10);
  assert.equal(await subject.ask("sync(backends)"), "{'passed'}");
  await injector.arm([denied()], subject.target);
  assert.equal(await subject.ask("sync(backends)"), "{'EIO'}");
});

test("attaching to 12 processes that write without rest loses no call and ends none of them", async (t) => {
  const injector = await startInjector(t);
  const subject = await startPython(t, "children = busyChildren(12)");
  const { armed } = await injector.arm([denied()], subject.target);
  assert.equal(armed[0]?.processes, 13);
  assert.equal(await subject.ask("advancing(children)"), "True");
  assert.equal(await subject.ask("[pid for pid, _ in children if os.waitpid(pid, os.WNOHANG) != (0, 0)]"), "[]");
  assert.equal(await subject.ask("end(children)"), "None");
});

test("a service that forks and ends processes all the time is attached to, and none of them fails", async (t) => {
  const injector = await startInjector(t);
  const subject = await startPython(
    t,
    `
failed = []
stop = False
def churn():
    while not stop:
        pid = os.fork()
        if pid == 0:
            os._exit(0 if os.write(null, b"x") == 1 else 1)
        if os.waitpid(pid, 0)[1] != 0:
            failed.append(pid)
threads = [threading.Thread(target=churn) for _ in range(2)]
for thread in threads: thread.start()
def finish():
    global stop
    stop = True
    for thread in threads: thread.join()
    return failed
`,
  );
  for (let i = 0; i < 5; i++) {
    const once = denied();
    await injector.arm([once], subject.target);
    await injector.disarm(once.id);
  }
  assert.equal(await subject.ask("finish()"), "[]");
});

test("a thread waits on, for the rest of its time, in the call that it was stopped in", async (t) => {
  const injector = await startInjector(t);
  const subject = await startPython(
    t,
    `
import select
ends = os.pipe()
def timed(call):
    began = time.monotonic()
    call()
    return time.monotonic() - began
`,
  );
  for (const [i, call] of ["time.sleep(1)", "select.select([ends[0]], [], [], 1)", "threading.Event().wait(1)"].entries()) {
    subject.child.stdin?.write(`timed(lambda: ${call})\n`);
    await new Promise((resolve) => setTimeout(resolve, 100));
    // Only the first attach stops anything: the others are of another injector's making and are refused after stopping it.
    if (i === 0) await injector.arm([denied()], subject.target);
    else await assert.rejects((await startInjector(t)).arm([denied()], subject.target), refusedWith("LISTENER_TAKEN"));
    const seconds = Number(await subject.next());
    assert(seconds >= 0.99 && seconds < 5, `${call} took ${seconds} s`);
  }
});

test("a process that an injector attached to which is gone answers LISTENER_TAKEN, and goes on", async (t) => {
  const dead = await startInjector(t);
  const subject = await startPython(t);
  await dead.arm([denied()], subject.target);
  dead.child.kill("SIGKILL");
  await dead.exited;
  const injector = await startInjector(t);
  await assert.rejects(injector.arm([denied()], subject.target), refusedWith("LISTENER_TAKEN"));
  assert.equal(await subject.ask("os.write(null, b'x')"), "1");
});

test("a process under a debugger answers ALREADY_TRACED, and the debugger keeps it", async (t) => {
  const subject = await startPython(t);
  const debugger_ = await startPython(t, "libc = ctypes.CDLL(None, use_errno=True)");
  assert.equal(await debugger_.ask(`libc.ptrace(0x4206, ${subject.pid}, 0, 0)`), "0");
  const injector = await startInjector(t);
  await assert.rejects(injector.arm([denied()], subject.target), refusedWith("ALREADY_TRACED"));
  assert.match(readFileSync(`/proc/${subject.pid}/status`, "utf8"), new RegExp(`^TracerPid:\\t${debugger_.pid}$`, "m"));
  // First of the two, or the subject's death would be told to a debugger that doesn't ask.
  debugger_.child.kill("SIGKILL");
  await debugger_.exited;
});

test("a process that is gone answers PROCESS_GONE, and nothing stays armed", async (t) => {
  const injector = await startInjector(t);
  const subject = await startPython(t);
  const other = await startPython(t);
  other.child.kill("SIGKILL");
  await other.exited;
  const rules = [denied(), { ...denied(), service: "gone" }];
  const targets = [subject.target, { ...other.target, service: "gone" }];
  await assert.rejects(injector.order({ order: "arm", rules, targets, callers: [] }), refusedWith("PROCESS_GONE"));
  assert.equal(await subject.ask("os.fsync(os.open('/tmp', os.O_RDONLY))"), "None");
});

test("a stopped process is attached to and stays stopped", async (t) => {
  const injector = await startInjector(t);
  const subject = await startPython(t);
  process.kill(subject.pid, "SIGSTOP");
  await eventually("it is stopped", () => /^State:\tT/m.test(readFileSync(`/proc/${subject.pid}/status`, "utf8")));
  await injector.arm([denied()], subject.target);
  await eventually("it is stopped still", () => /^State:\tT/m.test(readFileSync(`/proc/${subject.pid}/status`, "utf8")));
  process.kill(subject.pid, "SIGCONT");
  assert.equal(await subject.ask("os.fsync(os.open('/tmp', os.O_RDONLY))"), "EIO");
});

test("zombies and a first thread that has ended don't stand in the way", async (t) => {
  const injector = await startInjector(t);
  const subject = await startPython(
    t,
    `
zombie = os.fork()
if zombie == 0: os._exit(0)
`,
  );
  const { armed } = await injector.arm([denied()], subject.target);
  assert.equal(armed[0]?.processes, 1);
  assert.equal(await subject.ask("os.fsync(os.open('/tmp', os.O_RDONLY))"), "EIO");
});

/** fsync(0) until it fails with EIO, then exit(5): no interpreter, no library, no vDSO of its own choosing. */
const STATIC_CODE = "b84a000000 31ff 0f05 83f8fb 7409 b818000000 0f05 ebe9 b83c000000 bf05000000 0f05";

/** The smallest program there can be: an ELF header, one segment, and the code. See elf(5). */
function staticProgram(): Buffer {
  const [base, headers] = [0x400000n, 120];
  const code = Buffer.from(STATIC_CODE.replaceAll(" ", ""), "hex");
  const elf = Buffer.alloc(headers + code.length);
  elf.write("\x7fELF\x02\x01\x01", "latin1");
  for (const [at, value] of [
    [16, 2],
    [18, 62],
    [52, 64],
    [54, 56],
    [56, 1],
  ] as const)
    elf.writeUInt16LE(value, at);
  for (const [at, value] of [
    [20, 1],
    [64, 1],
    [68, 5],
  ] as const)
    elf.writeUInt32LE(value, at);
  const size = BigInt(elf.length);
  for (const [at, value] of [
    [24, base + BigInt(headers)],
    [32, 64n],
    [80, base],
    [88, base],
    [96, size],
    [104, size],
    [112, 0x1000n],
  ] as const)
    elf.writeBigUInt64LE(value, at);
  code.copy(elf, headers);
  return elf;
}

test("a static program of a few bytes is attached to, and sees the error", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "faultbook-static-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const program = join(directory, "program");
  writeFileSync(program, staticProgram(), { mode: 0o755 });
  const file = openSync(join(directory, "file"), "w");
  const child = spawn(program, { stdio: [file, "ignore", "ignore"] });
  t.after(() => child.kill("SIGKILL"));
  closeSync(file);
  const exited = once(child, "exit");
  const injector = await startInjector(t);
  await injector.arm([denied()], { service: "subject", pid: child.pid ?? 0, addresses: [] });
  assert.deepEqual(await exited, [5, null]);
});
