import assert from "node:assert/strict";
import { test } from "node:test";
import { cgroupOf, directoriesOf } from "../../injector/linux/cgroup.ts";

const mount = (root: string, point: string, type = "cgroup2") =>
  `32 25 0:28 ${root} ${point} rw,nosuid shared:9 - ${type} cgroup rw,nsdelegate`;

test("a cgroup lies below the mount of the whole hierarchy, wherever that is", () => {
  assert.deepEqual(directoriesOf("/docker/abc", mount("/", "/sys/fs/cgroup/unified")), ["/sys/fs/cgroup/unified/docker/abc"]);
  assert.deepEqual(directoriesOf("/docker/abc", mount("/", String.raw`/mnt/two\040words`)), ["/mnt/two words/docker/abc"]);
});

test("a mount that shows a part of the hierarchy finds what lies in it, and nothing else", () => {
  const part = mount("/docker", "/mnt/part");
  assert.deepEqual(directoriesOf("/docker/abc", part), ["/mnt/part/abc"]);
  assert.deepEqual(directoriesOf("/docker", part), ["/mnt/part"]);
  assert.deepEqual(directoriesOf("/dockerish/abc", part), []);
  assert.deepEqual(directoriesOf("/system.slice", part), []);
});

test("a mount of cgroup v1 is none", () => {
  assert.deepEqual(directoriesOf("/docker/abc", mount("/", "/sys/fs/cgroup/memory", "cgroup")), []);
});

test("a process that is gone is a reason", () => {
  assert.equal(cgroupOf(2 ** 22 + 1), "no process 4194305");
});
