/** What programs see when calls are denied and delayed in them, on real processes; needs root. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { test } from "node:test";
import { end, eventually, isHeldInFsync, rule, startInjector, startPython } from "./harness.ts";

function temporaryDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "faultbook-notify-"));
  t.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

async function listen(t: TestContext): Promise<number> {
  const server = createServer((socket) => socket.on("error", () => undefined));
  await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
  t.after(() => server.close());
  const address = server.address();
  assert(typeof address === "object" && address !== null);
  return address.port;
}

const files = (directory: string): string => `
f = os.open(${JSON.stringify(join(directory, "file"))}, os.O_RDWR | os.O_CREAT)
a, b = socket.socketpair()
r, w = os.pipe()
directory = os.open(${JSON.stringify(directory)}, os.O_RDONLY)
`;

test("a denied write on a file is the errno that was asked for; sockets, pipes and devices are spared and counted", async (t) => {
  const injector = await startInjector(t);
  const directory = temporaryDirectory(t);
  const subject = await startPython(t, files(directory));
  assert.equal(await subject.ask('os.write(f, b"x")'), "1");
  const full = rule({ keyword: "write", action: { kind: "deny", errno: "ENOSPC" } });
  const { armed } = await injector.arm([full], subject.target);
  assert.equal(armed[0]?.mechanism, "notify");
  assert.equal(armed[0].processes, 1);
  assert.equal(await subject.ask('os.write(f, b"x")'), "ENOSPC");
  assert.equal(await subject.ask('os.pwrite(f, b"x", 0)'), "ENOSPC");
  assert.equal(await subject.ask('os.writev(f, [b"x", b"y"])'), "ENOSPC");
  assert.equal(await subject.ask("os.copy_file_range(f, f, 1, 0, 9)"), "ENOSPC");
  assert.equal(await subject.ask('os.write(w, b"x")'), "1");
  assert.equal(await subject.ask('os.write(null, b"x")'), "1");
  assert.equal(await subject.ask('a.send(b"x")'), "1");
  const [counts] = await injector.disarm(full.id);
  assert.equal(counts?.fired, 4);
  assert.equal(counts.passed["on a pipe"], 1);
  assert.equal(counts.passed["on a device"], 1);
  assert((counts.passed["on a socket"] ?? 0) >= 1);
  assert.equal(await subject.ask('os.write(f, b"x")'), "1");
  assert.deepEqual(
    injector.calls.map((call) => call.syscall),
    ["write", "pwrite64", "writev", "copy_file_range"],
  );
  const [call] = injector.calls;
  assert.equal(call?.path, join(directory, "file"));
  assert.equal(call.process?.pid, subject.pid);
  assert.match(call.process.title, /^\S*python3?\S* -c import ctypes/);
  assert(Math.abs(call.time_ms - Date.now()) < 60_000);
});

test("a reset on write is seen on sockets and spares files", async (t) => {
  const injector = await startInjector(t);
  const subject = await startPython(
    t,
    files(temporaryDirectory(t)) +
      `
def attempt(call):
    try:
        return call()
    except OSError as error:
        return errno.errorcode[error.errno]
seen = []
def later():
    time.sleep(0.2)
    seen.extend([attempt(lambda: a.send(b"x")), attempt(lambda: os.write(b.fileno(), b"x")), attempt(lambda: os.write(f, b"x"))])
`,
  );
  // What it prints goes through a socket too, so it acts by itself while the rule is armed.
  assert.equal(await subject.ask("threading.Thread(target=later).start()"), "None");
  const broken = rule({ keyword: "write", action: { kind: "deny", errno: "ECONNRESET" } });
  await injector.arm([broken], subject.target);
  await eventually("the calls were made", () => injector.calls.length === 2);
  const [counts] = await injector.disarm(broken.id);
  assert.equal(await subject.ask("seen"), "['ECONNRESET', 'ECONNRESET', 1]");
  assert.equal(counts?.passed["on a file"], 1);
  assert.equal(injector.calls[0]?.path, "socket");
});

test("fsync is denied, also of a directory; writes are not", async (t) => {
  const injector = await startInjector(t);
  const subject = await startPython(t, files(temporaryDirectory(t)));
  const failing = rule({ keyword: "fsync", action: { kind: "deny", errno: "EIO" } });
  await injector.arm([failing], subject.target);
  assert.equal(await subject.ask("os.fsync(f)"), "EIO");
  assert.equal(await subject.ask("os.fdatasync(f)"), "EIO");
  assert.equal(await subject.ask("os.fsync(directory)"), "EIO");
  assert.equal(await subject.ask('os.write(f, b"x")'), "1");
  const [counts] = await injector.disarm(failing.id);
  assert.deepEqual(counts, { rule: failing.id, fired: 3, passed: {} });
  assert.equal(await subject.ask("os.fsync(f)"), "None");
});

test("a denied connect is refused to the named address and port, by IPv4 and by IPv4-mapped IPv6; other ends pass", async (t) => {
  const injector = await startInjector(t);
  const port = await listen(t);
  const otherPort = await listen(t);
  const subject = await startPython(
    t,
    `
def connect(port, address="127.0.0.1", kind=socket.SOCK_STREAM, family=socket.AF_INET):
    with socket.socket(family, kind) as s:
        s.connect((address, port))
        return "connected"
`,
  );
  const down = rule({ keyword: "connect", action: { kind: "deny", errno: "ECONNREFUSED" }, to: [end(port)] });
  const { armed } = await injector.arm([down], subject.target);
  assert.match(armed[0]?.passed_over[0] ?? "", /^packets: /);
  assert.equal(await subject.ask(`connect(${port})`), "ECONNREFUSED");
  assert.equal(await subject.ask(`connect(${port}, "::ffff:127.0.0.1", family=socket.AF_INET6)`), "ECONNREFUSED");
  assert.equal(await subject.ask(`connect(${otherPort})`), "connected");
  assert.equal(await subject.ask(`connect(${port}, "127.0.0.2")`), "connected");
  assert.equal(await subject.ask(`connect(${port}, kind=socket.SOCK_DGRAM)`), "connected");
  const [counts] = await injector.disarm(down.id);
  assert.deepEqual(counts, { rule: down.id, fired: 2, passed: { "to another address": 2, "not on a stream socket": 1 } });
  assert.equal(await subject.ask(`connect(${port})`), "connected");
  assert.deepEqual(injector.calls[0]?.to, { service: "other", address: "127.0.0.1", port });
});

test("a delay holds the calling thread and no other; disarming lets it go on at once", async (t) => {
  const injector = await startInjector(t);
  const subject = await startPython(
    t,
    files(temporaryDirectory(t)) +
      `
def slow():
    os.fsync(f)
    print("synced", flush=True)
`,
  );
  const slow = rule({ keyword: "fsync", action: { kind: "delay", ms: 3_600_000 } });
  await injector.arm([slow], subject.target);
  assert.equal(await subject.ask("threading.Thread(target=slow).start()"), "None");
  assert.equal(await subject.ask('os.write(f, b"x")'), "1");
  assert.equal(await subject.ask("1 + 1"), "2");
  await eventually("the call is held", () => isHeldInFsync(subject.pid));
  const [counts] = await injector.disarm(slow.id);
  assert.equal(await subject.next(), "synced");
  assert.equal(counts?.fired, 1);
  const [call] = injector.calls;
  assert.equal(call?.held_connections, 0);
  assert((call.ended_ms ?? 0) > call.time_ms);
});

test("delays add up, and a denial comes after them; each rule counts the call once", async (t) => {
  const injector = await startInjector(t);
  const subject = await startPython(t, files(temporaryDirectory(t)));
  const rules = [
    rule({ keyword: "fsync", action: { kind: "delay", ms: 150 } }),
    rule({ keyword: "fsync", action: { kind: "deny", errno: "EIO" } }),
    rule({ keyword: "fsync", action: { kind: "delay", ms: 150 } }),
    rule({ keyword: "fsync", action: { kind: "deny", errno: "ENOSPC" } }),
  ];
  await injector.arm(rules, subject.target);
  const began_ms = performance.now();
  assert.equal(await subject.ask("os.fsync(f)"), "EIO");
  assert(performance.now() - began_ms >= 300);
  const counts = await injector.disarm(...rules.map(({ id }) => id));
  assert.deepEqual(
    counts.map(({ fired }) => fired),
    [1, 1, 1, 0],
  );
});

test("an interval timer's signals neither repeat a held call nor shorten it", async (t) => {
  const injector = await startInjector(t);
  const subject = await startPython(
    t,
    files(temporaryDirectory(t)) +
      `
ticks = 0
def tick(*_):
    global ticks
    ticks += 1
signal.signal(signal.SIGALRM, tick)
signal.setitimer(signal.ITIMER_REAL, 0.02, 0.02)
def timed():
    began = time.monotonic()
    os.fsync(f)
    return time.monotonic() - began
`,
  );
  const slow = rule({ keyword: "fsync", action: { kind: "delay", ms: 400 } });
  await injector.arm([slow], subject.target);
  assert(Number(await subject.ask("timed()")) >= 0.39);
  assert.equal((await injector.disarm(slow.id))[0]?.fired, 1);
  assert(Number(await subject.ask("ticks")) > 0);
});

test("the report of a call names the callers whose accepted connections the process holds", async (t) => {
  const injector = await startInjector(t);
  const subject = await startPython(
    t,
    files(temporaryDirectory(t)) +
      `
server = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(server.getsockname())
accepted, _ = server.accept()
`,
  );
  const failing = rule({ keyword: "fsync", action: { kind: "deny", errno: "EIO" } });
  const callers = [
    { service: "api", addresses: ["10.99.0.1", "127.0.0.1"] },
    { service: "cron", addresses: ["10.99.0.2"] },
  ];
  await injector.arm([failing], subject.target, callers);
  assert.equal(await subject.ask("os.fsync(f)"), "EIO");
  await injector.disarm(failing.id);
  assert.deepEqual(injector.calls[0]?.serving, ["api"]);
  const other = await startPython(t, files(temporaryDirectory(t)));
  await injector.arm([{ ...failing, id: "other" }], other.target, callers);
  assert.equal(await other.ask("os.fsync(f)"), "EIO");
  await injector.disarm("other");
  assert.deepEqual(injector.calls[1]?.serving, []);
});

test("a process killed while its call is held leaves nothing behind, and others are still served", async (t) => {
  const injector = await startInjector(t);
  const [one, two] = [await startPython(t, files(temporaryDirectory(t))), await startPython(t, files(temporaryDirectory(t)))];
  const slow = rule({ keyword: "fsync", action: { kind: "delay", ms: 3_600_000 } });
  const failing = { ...rule({ keyword: "fsync", action: { kind: "deny", errno: "EIO" } }), service: "two" };
  await injector.arm([slow], one.target);
  await injector.arm([failing], { ...two.target, service: "two" });
  one.child.stdin?.write("os.fsync(f)\n");
  await eventually("the call waits", () => isHeldInFsync(one.pid));
  assert.equal(await two.ask("os.fsync(f)"), "EIO", "what came before this call has been decided by now");
  one.child.kill("SIGKILL");
  await one.exited;
  assert.equal(await two.ask("os.fsync(f)"), "EIO");
  assert.equal((await injector.disarm(slow.id))[0]?.fired, 1);
});
