import assert from "node:assert/strict";
import { closeSync, readdirSync } from "node:fs";
import { after, before, test } from "node:test";
import type { Program } from "../../injector/linux/bpf.ts";
import { attachToCgroup, BpfMap, load } from "../../injector/linux/bpf.ts";
import { Ring } from "../../injector/linux/ring.ts";
import { SynFilter } from "../../injector/linux/syn-filter.ts";
import { Stage } from "./stage.ts";

const stage = new Stage();
let cgroup: string;

before(() => {
  cgroup = stage.cgroup();
});
after(() => stage.leave());

const program = (text: string): Program => ({ type: "cgroup_skb", attach: "egress", name: "faultbook_test", text });

test("a program that the verifier refuses is an error with the verifier's log", () => {
  assert.throws(() => load(program("r0 = r5\nexit"), {}), {
    name: "SystemError",
    code: "EACCES",
    message: /^load the eBPF program faultbook_test: EACCES\n(.|\n)*r0 = r5(.|\n)*R5 !read_ok/,
  });
});

test("a map keeps what was set until it is deleted, and refuses a key or value of another length", () => {
  const map = new BpfMap("hash", 4, 8, 2);
  stage.later(() => map.close());
  const [key, value] = [Buffer.from("key1"), Buffer.from("value-of")];
  assert.equal(map.lookup(key), undefined);
  map.set(key, value);
  assert.deepEqual(map.lookup(key), value);
  map.delete(key);
  map.delete(key);
  assert.equal(map.lookup(key), undefined);
  assert.throws(() => map.lookup(Buffer.from("no")), RangeError);
  assert.throws(() => map.set(key, Buffer.alloc(9)), RangeError);
  map.set(Buffer.from("key2"), value);
  map.set(Buffer.from("key3"), value);
  assert.throws(() => map.set(Buffer.from("key4"), value), { code: "E2BIG" });
});

test("a ring gives every record once and in order, round after round, and takes none while it is full", async () => {
  const SIZE = 4096;
  const HELD = SIZE / 16 - 1; // a record of 8 bytes has a header of 8, and a ring is never filled to its last byte
  const events = new BpfMap("ringbuf", 0, 0, SIZE);
  const counters = new BpfMap("hash", 4, 8, 1);
  const ring = new Ring(events, SIZE);
  const zero = Buffer.alloc(4);
  counters.set(zero, Buffer.alloc(8));
  // Numbers the packets: a record has the number of one, and the last number stays in the map.
  const text = `
    *(u32 *)(r10 -4) = 0
    r1 = map counters
    r2 = r10
    r2 += -4
    call bpf_map_lookup_elem
    if r0 == 0 goto pass
    r6 = r0
    r1 = map events
    r2 = 8
    r3 = 0
    call bpf_ringbuf_reserve
    if r0 == 0 goto pass
    r1 = *(u64 *)(r6 +0)
    r1 += 1
    *(u64 *)(r6 +0) = r1
    *(u64 *)(r0 +0) = r1
    r1 = r0
    r2 = 0
    call bpf_ringbuf_submit
  pass:
    r0 = 1
    exit`;
  const loaded = load(program(text), { events, counters });
  const link = attachToCgroup(loaded, cgroup, "egress");
  stage.later(() => {
    ring.close();
    [loaded, link, events.fd, counters.fd].forEach((fd) => closeSync(fd));
  });
  const client = stage.talker(cgroup);
  const { port } = await stage.talker().ask({ do: "listen", host: "127.0.0.1" });
  const { connection } = await client.ask({ do: "connect", host: "127.0.0.1", port, timeout_ms: 20_000 });

  let last = 0;
  const read = (): number => {
    const records = ring.drain();
    for (const record of records) assert.equal(Number(record.readBigUInt64LE(0)), ++last);
    return records.length;
  };
  while (last < 3 * HELD) {
    for (let i = 0; i < 20; i++) await client.ask({ do: "echo", connection });
    assert.ok(read() > 0);
  }
  assert.equal(last, Number(counters.lookup(zero)?.readBigUInt64LE(0)));

  for (let i = 0; i < HELD; i++) await client.ask({ do: "echo", connection });
  assert.equal(read(), HELD);
  await client.ask({ do: "echo", connection });
  assert.ok(read() > 0);
});

test("a filter that was closed leaves no descriptor, and neither does one that could not be attached", () => {
  const open = () => readdirSync("/proc/self/fd").length;
  const before = open();
  for (let i = 0; i < 20; i++) new SynFilter(cgroup).close();
  assert.throws(() => new SynFilter("/proc/self"), { code: "EBADF" });
  assert.equal(open(), before);
});
