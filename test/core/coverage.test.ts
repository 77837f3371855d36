import { describe, expect, test } from "vitest";
import {
  coverageOf,
  isConclusive,
  isMostlyUntracked,
  mergeProcesses,
  mergeWindows,
  untrackedShare,
} from "../../lib/core/coverage.ts";
import { type PageFlag, UNKNOWN_CONDITIONS } from "../../lib/core/snapshot.ts";
import { PageSet } from "../../lib/core/page_set.ts";
import { clearAt, snapshot } from "../helpers/drawn_snapshot.ts";

/** A snapshot with page flags that the drawing has no letter for. */
function flagged(
  drawing: string,
  flags: Partial<Record<PageFlag, readonly [start: number, end: number]>>,
  fields = {},
) {
  const plain = snapshot(drawing);
  const sets = Object.entries(flags).map((
    [flag, [start, end]],
  ) => [flag, PageSet.from([{ start, end }])]);
  return snapshot(drawing, { pages: { ...plain.pages, ...Object.fromEntries(sets) }, ...fields });
}

const ADDRESSES = "0x10 rw-p [heap] DDpp\n0x20 r--p /lib pp\n0x30 rw-s /shm Dppp";

test("memory that can be written to is what untracked memory is a share of", () => {
  const coverage = coverageOf(snapshot(ADDRESSES));
  expect(coverage).toMatchObject({
    processes: [{ pid: 42 }],
    windowCount: 1,
    writablePages: 8,
    untrackedPages: 0,
    untracked: [],
    reportedPages: 3,
    leastWrittenPages: 3,
    reclaimablePages: 4,
    reclaimedPages: null,
  });
  expect([untrackedShare(coverage), isConclusive(coverage)]).toEqual([0, true]);
});

describe("each reason why memory is untracked has its pages once", () => {
  const all = { unwatched: [0x10, 0x14], foreign: [0x10, 0x12], keptHuge: [0x12, 0x13] } as const;

  test("under uffd-wp", () => {
    const coverage = coverageOf(flagged(ADDRESSES, { ...all, device: [0x30, 0x31] }, {
      tracker: "uffd-wp",
    }));
    expect(coverage.untracked).toEqual([
      { reason: "other-userfaultfd", pageCount: 2 },
      { reason: "huge-left-alone", pageCount: 1 },
      { reason: "device", pageCount: 1 },
      { reason: "unregistered", pageCount: 1 },
    ]);
    expect(coverage.untrackedPages).toBe(5);
    expect(isMostlyUntracked(coverage)).toBe(true);
  });

  test("under soft-dirty, where pinned pages and hugetlb memory are untracked too", () => {
    const coverage = coverageOf(flagged(ADDRESSES, {
      hugetlb: [0x30, 0x34],
      pinned: [0x10, 0x11],
      unwatched: [0x13, 0x14],
    }));
    expect(coverage.untracked).toEqual([
      { reason: "hugetlb", pageCount: 4 },
      { reason: "pinned", pageCount: 1 },
      { reason: "not-in-source", pageCount: 1 },
    ]);
    // Of what is untracked nothing is reported, and nothing can be lost to reclaim.
    expect(coverage).toMatchObject({ reportedPages: 1, reclaimablePages: 0 });
  });
});

describe("what devices can write to is stated, unless it is untracked anyway", () => {
  const ring = "0x10 rw-p [heap] DDpp\n0x30 rw-s anon_inode:[perf_event] Dppp\n0x40 rw-s /shm pp";

  test("under uffd-wp all that is pinned, and rings", () => {
    const one = flagged(ring, { pinned: [0x10, 0x13] }, { tracker: "uffd-wp" });
    expect(coverageOf(one)).toMatchObject({ deviceWritablePages: 7, untrackedPages: 0 });
  });

  test("under soft-dirty what is shared, since private pages that are pinned are untracked", () => {
    const one = flagged(ring, { pinned: [0x12, 0x42] });
    expect(coverageOf(one)).toMatchObject({
      deviceWritablePages: 6,
      untracked: [{ reason: "pinned", pageCount: 0x42 - 0x12 - 6 }],
    });
  });

  test("where the addresses are unknown, the kernel's count", () => {
    const conditions = { ...UNKNOWN_CONDITIONS, unlocatedPinnedPages: 9 };
    const one = coverageOf(flagged("0x10 rw-p - pp", { pinned: [0x10, 0x11] }, {
      tracker: "uffd-wp",
      conditions,
    }));
    expect(one.deviceWritablePages).toBe(10);
    const other = coverageOf(snapshot("0x10 rw-p - pp"));
    expect(mergeWindows(one, other).deviceWritablePages).toBe(10);
    expect(mergeProcesses([one, one]).deviceWritablePages).toBe(20);
  });
});

test("what a process gave back is summed over the windows that report it", () => {
  const dropped = (droppedPages: number | null) =>
    coverageOf(snapshot("0x10 rw-p - Dp", {
      conditions: { ...UNKNOWN_CONDITIONS, droppedPages },
    }));
  expect(dropped(null)).toMatchObject({ droppedPages: null, droppedWindowCount: 0 });
  expect(mergeWindows(mergeWindows(dropped(3), dropped(null)), dropped(0)))
    .toMatchObject({ droppedPages: 3, droppedWindowCount: 2, windowCount: 3 });
  // A read under uffd-wp has the pages themselves: shared memory keeps what is out of the page table.
  const uffd = snapshot("0x10 rw-p - Ddp\n0x20 rw-s - dd", { tracker: "uffd-wp" });
  expect(coverageOf(uffd)).toMatchObject({
    droppedPages: 1,
    droppedWindowCount: 1,
    reportedPages: 3,
  });
});

test("a loss is counted where it is possible, and where it is unknown", () => {
  const clear = clearAt(0);
  const lossy = (unseenNs: number | null) =>
    coverageOf(snapshot("0 rw-p - D", { sinceClear: { ...clear, unseenNs } }));
  expect(lossy(0)).toMatchObject({ lossyWindowCount: 0, unknownLossWindowCount: 0 });
  expect(mergeWindows(lossy(5), lossy(7))).toMatchObject({ lossyWindowCount: 2, lossyNs: 12 });
  expect(mergeWindows(lossy(5), lossy(null))).toMatchObject({
    lossyWindowCount: 1,
    unknownLossWindowCount: 1,
  });
  const uncleared = coverageOf(snapshot("0 rw-p - D", { sinceClear: null }));
  expect(uncleared).toMatchObject({ windowCount: 0, leftOutSnapshotCount: 1 });
});

test("of windows the one with the largest untracked share counts", () => {
  const clean = coverageOf(snapshot("0x10 rw-p - pppppppp"));
  const half = coverageOf(
    flagged("0x10 rw-p - pppp", { unwatched: [0x10, 0x12] }, { tracker: "uffd-wp" }),
  );
  for (const merged of [mergeWindows(clean, half), mergeWindows(half, clean)]) {
    expect(merged).toMatchObject({
      windowCount: 2,
      untrackedWindowCount: 1,
      writablePages: 4,
      untrackedPages: 2,
    });
    expect(untrackedShare(merged)).toBe(0.5);
  }
});

test("of processes all count, each once", () => {
  const of = (pid: number) =>
    coverageOf(flagged("0x10 rw-p - pppp", { unwatched: [0x10, 0x12] }, {
      tracker: "uffd-wp",
      process: { pid, startTimeTicks: 1, command: "x" },
      conditions: { ...UNKNOWN_CONDITIONS, reclaimedPages: pid },
    }));
  const gone = { process: { pid: 9, startTimeTicks: 1, command: "y" }, reason: "cannot-attach" };
  const merged = mergeProcesses([of(1), of(2), { ...of(2), untrackedProcesses: [gone, gone] }]);
  expect(merged.processes.map(({ pid }) => pid)).toEqual([1, 2]);
  expect(merged).toMatchObject({
    writablePages: 12,
    untracked: [{ reason: "unregistered", pageCount: 6 }],
    reclaimedPages: 5,
    untrackedProcesses: [gone],
  });
  expect(isConclusive({ ...of(1), untrackedPages: 0, untrackedProcesses: [gone] })).toBe(false);
});

test("huge pages are certainly blurred where the kernel reported them, and possibly where not", () => {
  const drawing = `0x200 rw-p - ${"D".repeat(512)}`;
  expect(coverageOf(snapshot(drawing))).toMatchObject({
    reportedPages: 512,
    leastWrittenPages: 1,
    isHugeKnown: false,
  });
  const known = [...snapshot(drawing).known, "huge"] as PageFlag[];
  expect(coverageOf(snapshot(drawing, { known, readBy: "pagemap-scan" }))).toMatchObject({
    leastWrittenPages: 512,
    isHugeKnown: true,
  });
});
