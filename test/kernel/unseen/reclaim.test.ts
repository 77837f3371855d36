import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Vma } from "../../../lib/core/vma.ts";
import { ProcFs } from "../../../lib/kernel/proc/proc_fs.ts";
import { parseReclaimed, ReclaimCounter } from "../../../lib/kernel/unseen/reclaim.ts";
import { FakeProc } from "../../helpers/fake_proc.ts";

let fake: FakeProc;
beforeEach(() => {
  fake = new FakeProc();
  fake.put({ pid: 42 });
  writeFileSync(join(fake.root, "self/mountinfo"), "");
  writeFileSync(join(fake.root, "42/cgroup"), "0::/\n");
});
afterEach(() => fake.remove());

const memory = (perms: string): Vma[] => [
  { start: 1, end: 4, perms, offsetPages: 0, device: "00:01", inode: "7", name: "/dev/zero" },
];
const SHARED = memory("rw-s");

let nowNs = 0;
const counter = () => new ReclaimCounter(new ProcFs(fake.root), () => nowNs += 1e9);

function count(steals: number): void {
  const text = `nr_free_pages 7\npgsteal_kswapd ${steals}\npgsteal_direct 2\npswpout 0\n`;
  writeFileSync(join(fake.root, "vmstat"), text);
}

test("all ways of reclaiming are counted, and what was swapped out if that is more", () => {
  expect(parseReclaimed("anon 1\npgsteal_kswapd 1\npgsteal_direct 2\npgsteal_khugepaged 4\n")).toBe(
    7,
  );
  expect(parseReclaimed("anon 1\npgsteal_kswapd 1\npgsteal_direct 2\npswpout 64\npgsteal 3\n"))
    .toBe(64);
  expect(parseReclaimed("anon 1\n")).toBeNull();
  expect(parseReclaimed("")).toBeNull();
});

test("pages count from the beginning of a window, for a process with writable shared memory", () => {
  const reclaim = counter();
  count(100);
  expect(reclaim.since(42, SHARED)).toBeNull();
  reclaim.begin(42, SHARED);
  expect(reclaim.since(42, SHARED)).toBe(0);
  count(130);
  expect(reclaim.since(42, SHARED)).toBe(30);
  reclaim.begin(42, SHARED);
  expect(reclaim.since(42, SHARED)).toBe(0);
  reclaim.release();
});

test.each(["rw-p", "r--s"])("memory that is %s is of no concern", (perms) => {
  const reclaim = counter();
  count(100);
  reclaim.begin(42, memory(perms));
  expect(reclaim.since(42, memory(perms))).toBeNull();
});

test("a process in a control group has that group's count", () => {
  const mount = join(fake.root, "cgroup");
  mkdirSync(join(mount, "box"), { recursive: true });
  const line = `30 24 0:26 / ${mount} rw - cgroup2 cgroup2 rw\n`;
  writeFileSync(join(fake.root, "self/mountinfo"), line);
  writeFileSync(join(fake.root, "42/cgroup"), "0::/box\n");
  const stat = join(mount, "box/memory.stat");
  const reclaim = counter();
  count(100);
  writeFileSync(stat, "anon 1\npgsteal_kswapd 5\npgsteal_direct 0\n");
  reclaim.begin(42, SHARED);
  count(200);
  writeFileSync(stat, "anon 1\npgsteal_kswapd 9\npgsteal_direct 1\n");
  expect(reclaim.since(42, SHARED)).toBe(5);
  reclaim.release();
});

test("a kernel that counts nothing leaves it unknown", () => {
  const reclaim = counter();
  reclaim.begin(42, SHARED);
  expect(reclaim.since(42, SHARED)).toBeNull();
});
