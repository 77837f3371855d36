import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ArgumentError, ProcessError, type ProcessErrorCode } from "../../lib/core/errors.ts";
import { ProcFs } from "../../lib/kernel/proc/proc_fs.ts";
import { SoftDirtyTracker } from "../../lib/kernel/soft_dirty.ts";
import { draw } from "../helpers/drawn_pages.ts";
import { FakeProc, mapsLine } from "../helpers/fake_proc.ts";

const DIRTY = (1n << 63n) | (1n << 55n);
const CLEAN = 1n << 63n;

let fake: FakeProc;
let tracker: SoftDirtyTracker;

beforeEach(() => {
  fake = new FakeProc();
  let nowNs = 0;
  tracker = new SoftDirtyTracker(new ProcFs(fake.root), () => nowNs += 1000);
});
afterEach(() => fake.remove());

function expectCode(action: () => unknown, code: ProcessErrorCode): void {
  expect(action).toThrow(ProcessError);
  expect(action).toThrow(expect.objectContaining({ code, pid: 42 }));
}

describe("SoftDirtyTracker on a fake /proc", () => {
  const maps = mapsLine({ start: 1, end: 4 }) + mapsLine({ start: 4, end: 6, perms: "r--p" }) +
    mapsLine({ start: 8, end: 9 }) +
    mapsLine({
      start: 0xffff_ffff_ff600,
      end: 0xffff_ffff_ff601,
      perms: "--xp",
      name: "[vsyscall]",
    });
  const pagemap = BigUint64Array.from([DIRTY, DIRTY, CLEAN, 0n, DIRTY, DIRTY, DIRTY, DIRTY, DIRTY]);

  test("reads the pages of the mappings and no others", () => {
    fake.put({ pid: 42, maps, pagemap });
    const { pages, vmas, process, durationNs } = tracker.read(42);
    expect(draw(pages.dirty, 10)).toBe(".#..##..#.");
    expect(draw(pages.present, 10)).toBe(".##.##..#.");
    expect(vmas).toHaveLength(4);
    expect(process).toEqual({ pid: 42, startTimeTicks: 7, command: "fake" });
    expect(durationNs).toBeGreaterThan(0);
  });

  test("distinguishes a guard page, and reports it neither as dirty nor as there: newer kernels mark it as both", () => {
    const GUARD = (1n << 62n) | (1n << 58n) | (1n << 55n);
    fake.put({
      pid: 42,
      maps,
      pagemap: BigUint64Array.from([0n, DIRTY, GUARD, CLEAN, 0n, 0n, 0n, 0n, 0n]),
    });
    const { pages } = tracker.read(42);
    expect(draw(pages.guard, 10)).toBe("..#.......");
    expect(draw(pages.dirty, 10)).toBe(".#........");
    expect(draw(pages.present.union(pages.swapped), 10)).toBe(".#.#......");
  });

  test("counts what was given back since the first clear", () => {
    fake.put({ pid: 42, maps, pagemap });
    tracker.clear(42);
    expect(tracker.read(42).conditions.droppedPages).toBe(0);
    fake.put({ pid: 42, maps, pagemap: pagemap.with(1, 0n) });
    expect(tracker.read(42).conditions.droppedPages).toBe(1);
    tracker.release(42);
    tracker.clear(42);
    expect(tracker.read(42).conditions.droppedPages).toBe(0);
  });

  test("counts what was given back since a take, and nothing where it did not look", () => {
    fake.put({ pid: 42, maps, pagemap });
    expect(tracker.read(42).conditions.droppedPages).toBeNull();
    tracker.take(42);
    expect(tracker.read(42).conditions.droppedPages).toBe(0);
    const gone = pagemap.with(1, 0n).with(7, 0n).with(8, 0n);
    fake.put({ pid: 42, maps, pagemap: gone });
    expect(tracker.read(42).conditions.droppedPages).toBe(2);
    tracker.clear(42);
    expect(tracker.read(42).conditions.droppedPages).toBeNull();
  });

  test("sets writable mappings of devices apart", () => {
    const device = { start: 1, end: 4, perms: "rw-s", inode: "7", name: "/dev/mem" };
    const text = mapsLine(device) + mapsLine({ start: 8, end: 9 });
    fake.put({ pid: 42, maps: text, pagemap, smaps: `${mapsLine(device)}VmFlags: rd wr sh pf\n` });
    expect(draw(tracker.read(42).pages.device, 10)).toBe(".###......");
    expect(tracker.read(42).known).toContain("device");
  });

  test("clears by writing 4", () => {
    fake.put({ pid: 42 });
    expect(tracker.clear(42).durationNs).toBe(1000);
    expect(readFileSync(join(fake.root, "42/clear_refs"), "utf8")).toBe("4");
  });

  test("reports a process that is not there", () => {
    expectCode(() => tracker.clear(42), "no-such-process");
    expectCode(() => tracker.read(42), "no-such-process");
  });

  test("reports a process that exited since it was first seen", () => {
    fake.put({ pid: 42 });
    tracker.clear(42);
    fake.end(42);
    expectCode(() => tracker.read(42), "process-exited");
  });

  test("reports a process whose pid was given to another one", () => {
    fake.put({ pid: 42, startTimeTicks: 7 });
    tracker.clear(42);
    fake.put({ pid: 42, startTimeTicks: 8, command: "other" });
    expectCode(() => tracker.read(42), "pid-reused");
  });

  test("reports a zombie, and one that became a zombie", () => {
    fake.put({ pid: 42, state: "Z" });
    expectCode(() => tracker.read(42), "zombie");
    fake.put({ pid: 42 });
    tracker.clear(42);
    fake.put({ pid: 42, state: "Z" });
    expectCode(() => tracker.read(42), "process-exited");
  });

  test("reports a process that is about to exit, whose memory is gone already", () => {
    fake.put({ pid: 42, flags: 0x4 });
    expectCode(() => tracker.read(42), "zombie");
    fake.put({ pid: 42, maps: "" });
    expectCode(() => tracker.read(42), "process-exited");
  });

  test("reports a thread that is not a process, and leaves it alone", () => {
    fake.put({ pid: 42, threadGroupId: 41 });
    expectCode(() => tracker.clear(42), "no-such-process");
    expect(() => tracker.clear(42)).toThrow("42 is a thread of process 41. Track 41");
    expect(readFileSync(join(fake.root, "42/clear_refs"), "utf8")).toBe("");
  });

  test("tracks a process whose main thread has ended by another one, and by the next", () => {
    const threads = [{ tid: 43, state: "Z" }, { tid: 44 }, { tid: 45 }];
    const cleared = (tid: number) =>
      readFileSync(join(fake.root, "42/task", String(tid), "clear_refs"), "utf8");
    fake.put({ pid: 42, state: "Z", maps, pagemap, threads });
    tracker.clear(42);
    expect([43, 44, 45].map(cleared)).toEqual(["", "4", ""]);
    expect(draw(tracker.read(42).pages.dirty, 10)).toBe(".#..##..#.");
    threads[1] = { tid: 44, state: "Z" };
    fake.put({ pid: 42, state: "Z", maps, pagemap, threads });
    expect(draw(tracker.read(42).pages.dirty, 10)).toBe(".#..##..#.");
    tracker.clear(42);
    expect([43, 44, 45].map(cleared)).toEqual(["", "", "4"]);
  });

  test("continues when the main thread of a process ends", () => {
    fake.put({ pid: 42, maps, pagemap });
    tracker.clear(42);
    fake.put({ pid: 42, state: "Z", maps, pagemap, threads: [{ tid: 43 }] });
    expect(draw(tracker.read(42).pages.dirty, 10)).toBe(".#..##..#.");
    fake.put({ pid: 42, state: "Z", threads: [{ tid: 43, state: "Z" }] });
    expectCode(() => tracker.read(42), "process-exited");
  });

  test("clears again if the main thread ended as it was cleared, when the kernel does nothing", () => {
    fake.put({ pid: 42, maps, pagemap });
    const proc = new ProcFs(fake.root);
    const clearSoftDirty = proc.clearSoftDirty.bind(proc);
    proc.clearSoftDirty = (pid) => {
      clearSoftDirty(pid);
      proc.clearSoftDirty = clearSoftDirty;
      fake.put({ pid: 42, state: "Z", maps, pagemap, threads: [{ tid: 43 }] });
    };
    new SoftDirtyTracker(proc, () => 0).clear(42);
    expect(readFileSync(join(fake.root, "42/task/43/clear_refs"), "utf8")).toBe("4");
  });

  test("reads right after a read that failed half way", () => {
    fake.put({ pid: 42, maps, pagemap: pagemap.slice(0, 3) });
    expectCode(() => tracker.read(42), "address-space-replaced");
    fake.put({ pid: 42, maps, pagemap });
    expect(draw(tracker.read(42).pages.dirty, 10)).toBe(".#..##..#.");
  });

  test("reports a vast reservation that is new as dirty throughout, and its other pages apart", () => {
    const vast = { start: 16, end: 16 + (1 << 18), perms: "---p" };
    const smaps = mapsLine(vast) + "Rss: 0 kB\nSwap: 0 kB\nVmFlags: mr mw me sd\n";
    fake.put({
      pid: 42,
      maps: maps.split("\n").slice(0, 3).join("\n") + "\n" + mapsLine(vast),
      pagemap,
      smaps,
    });
    const { dirty, present } = tracker.read(42).pages;
    expect([...dirty.edges]).toEqual([1, 2, 4, 6, 8, 9, 16, 16 + (1 << 18)]);
    expect(present.countIn(16, 16 + (1 << 18))).toBe(0);
  });

  test("sets hugetlb memory apart", () => {
    const huge = {
      start: 16,
      end: 32,
      perms: "rw-s",
      inode: "7",
      name: "/anon_hugepage (deleted)",
    };
    const small = maps.split("\n").slice(0, 2).join("\n") + "\n";
    const smaps = mapsLine(huge) + "Rss: 0 kB\nVmFlags: rd wr sh ht sd\n";
    const entries = BigUint64Array.from({ length: 32 }, () => CLEAN);
    fake.put({ pid: 42, maps: small + mapsLine(huge), smaps, pagemap: entries });
    expect([...tracker.read(42).pages.hugetlb.edges]).toEqual([16, 32]);
  });

  test("gives up the files that it opened, also when it fails", () => {
    const openFiles = () => readdirSync("/proc/self/fd").length;
    fake.put({ pid: 42, maps, pagemap: pagemap.slice(0, 3) });
    const before = openFiles();
    for (let i = 0; i < 20; i++) expect(() => tracker.read(42)).toThrow(ProcessError);
    expect(openFiles()).toBeLessThan(before + 5);
  });

  test("reports a thread of the kernel", () => {
    fake.put({ pid: 42, flags: 0x20_0000 });
    expectCode(() => tracker.clear(42), "kernel-thread");
  });

  test("reports an address space that was replaced while it was read", () => {
    fake.put({ pid: 42, maps, pagemap: pagemap.slice(0, 3) });
    expectCode(() => tracker.read(42), "address-space-replaced");
  });

  test("refuses what cannot be a pid", () => {
    for (const pid of [0, -1, 1.5, NaN, "../1" as unknown as number]) {
      expect(() => tracker.read(pid)).toThrow(ArgumentError);
    }
  });
});
