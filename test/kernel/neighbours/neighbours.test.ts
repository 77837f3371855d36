import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openedBy, PagemapReaders } from "../../../lib/kernel/neighbours/neighbours.ts";
import { ProcFs } from "../../../lib/kernel/proc/proc_fs.ts";
import { FakeProc } from "../../helpers/fake_proc.ts";

let fake: FakeProc;
let proc: ProcFs;

beforeEach(() => {
  fake = new FakeProc();
  proc = new ProcFs(fake.root);
});
afterEach(() => fake.remove());

const NONE = { pagemap: false, clearRefs: false, userfaultfd: false };

describe("openedBy()", () => {
  test.each([
    ["/proc/42/pagemap", { pagemap: true }],
    ["/proc/42/clear_refs", { clearRefs: true }],
    ["/proc/42/task/43/pagemap", { pagemap: true }],
    ["/proc/43/clear_refs", { clearRefs: true }],
    ["/proc/7/pagemap", { pagemap: true }],
    ["/run/container/proc/7/task/8/clear_refs", { clearRefs: true }],
    ["/proc/42/pagemap (deleted)", { pagemap: true }],
    ["anon_inode:[userfaultfd]", { userfaultfd: true }],
    ["/proc/41/pagemap", {}],
    ["/proc/41/task/41/clear_refs", {}],
    ["/proc/42/smaps", {}],
    ["/srv/42/pagemap.txt", {}],
    ["anon_inode:[eventfd]", {}],
    ["socket:[42]", {}],
  ])("of %s", (target, found) => {
    const status = { NSpid: "42\t7" };
    fake.put({ pid: 42, descriptors: ["/dev/null", target], threads: [{ tid: 43 }], status });
    expect(openedBy(proc, 42)).toEqual({ ...NONE, ...found });
  });

  test("looks by another thread where the first one has ended", () => {
    const descriptors = ["/proc/42/pagemap"];
    fake.put({ pid: 42, state: "Z", descriptors, threads: [{ tid: 43 }] });
    proc.stat(42);
    expect(openedBy(proc, 42)).toEqual({ ...NONE, pagemap: true });
  });

  test("finds nothing of a process that is not there", () => {
    expect(openedBy(proc, 42)).toEqual(NONE);
  });
});

test("PagemapReaders finds others that have a pagemap open, and neither itself nor this program", () => {
  fake.put({ pid: 42, descriptors: ["/proc/42/pagemap"] });
  fake.put({ pid: 50, descriptors: ["/proc/42/pagemap"] });
  fake.put({ pid: 51, command: "other", descriptors: ["/proc/42/pagemap", "/proc/42/pagemap"] });
  fake.put({ pid: 52, descriptors: ["/proc/42/clear_refs", "/proc/4/pagemap"] });
  const readers = new PagemapReaders(proc, 50);
  expect(readers.of(42)).toEqual([{ pid: 51, command: "other" }]);
  expect(readers.of(50)).toEqual([]);
});
