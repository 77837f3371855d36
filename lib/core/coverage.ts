/**
 * What results cannot show: memory that was not tracked, writes that can have been lost, and pages that
 * were reported without being written. It goes with every number that is made of snapshots.
 *
 * @module
 */

import { blurredBlocks, leastPagesOf } from "./blurred_blocks.ts";
import { memoryOf } from "./memory_kinds.ts";
import { PageSet } from "./page_set.ts";
import type { ProcessIdentity } from "./process.ts";
import { type PageFlag, type Snapshot, UNTRACKED_FLAGS, untrackedOf } from "./snapshot.ts";
import type { UntrackedProcess } from "./untracked_process.ts";

/**
 * - `other-userfaultfd`: another userfaultfd owns the mapping.
 * - `huge-left-alone`: the mapping has huge pages, which `--keep-huge` leaves alone.
 * - `hugetlb`: soft-dirty has no bit for hugetlb memory.
 * - `device`: memory of a device, of which the kernel reports no page.
 * - `pinned`: private pages pinned for long, whose soft-dirty bit the kernel does not clear.
 * - `unregistered`: userfaultfd refuses the mapping.
 * - `not-in-source`: what was imported has nothing of it.
 */
export const UNTRACKED_REASONS = [
  "other-userfaultfd",
  "huge-left-alone",
  "hugetlb",
  "device",
  "pinned",
  "unregistered",
  "not-in-source",
] as const;

/** Why memory is untracked. */
export type UntrackedReason = typeof UNTRACKED_REASONS[number];

/** Memory that is untracked for one reason. */
export interface UntrackedShare {
  /** Why the pages are untracked. */
  readonly reason: UntrackedReason;
  /** Pages that are untracked for this reason. */
  readonly pageCount: number;
}

/** What snapshots cannot show. Counts of pages are of the process's own page size. */
export interface Coverage {
  /** The processes that it is about. */
  readonly processes: readonly ProcessIdentity[];
  /** Processes of the same tree or group that were alive and could not be tracked. */
  readonly untrackedProcesses: readonly UntrackedProcess[];
  /** Size of a page in bytes: the unit of all counts of pages beside it. */
  readonly pageSizeBytes: number;
  /** Windows that it is about. */
  readonly windowCount: number;
  /** Snapshots that belong to no window, since nothing was cleared before them. */
  readonly leftOutSnapshotCount: number;
  /**
   * Pages of mappings that can be written to, and of untracked ones, in the window with the largest
   * untracked share; of several processes, the sum.
   */
  readonly writablePages: number;
  /** Of these, the pages whose writes the tracker cannot see. */
  readonly untrackedPages: number;
  /** The same by reason; reasons without pages are left out. */
  readonly untracked: readonly UntrackedShare[];
  /** Windows in which any memory was untracked. */
  readonly untrackedWindowCount: number;
  /** Windows before whose end a write can have been lost, between the read and the clear. */
  readonly lossyWindowCount: number;
  /** For how long, in all windows together. */
  readonly lossyNs: number;
  /** Windows for which it is unknown whether a write was lost. */
  readonly unknownLossWindowCount: number;
  /** Dirty pages that exist, summed over all windows. */
  readonly reportedPages: number;
  /**
   * The least of them that can have been written: a huge page or a large folio counts as one page, and
   * what can be a huge page that was split as none.
   */
  readonly leastWrittenPages: number;
  /** False if it is unknown which pages were huge: then all that could be count as such. */
  readonly isHugeKnown: boolean;
  /** Of `reportedPages`, those of new mappings, which the kernel reports as a whole. */
  readonly newMappingPages: number;
  /**
   * Under soft-dirty, pages of writable shared memory and files: the kernel forgets writes to them when
   * it reclaims the page. The most in any window.
   */
  readonly reclaimablePages: number;
  /** Pages that the kernel reclaimed in these windows; null if nothing counted them. */
  readonly reclaimedPages: number | null;
  /** Pages that KSM can merge, which loses or invents a write. The most in any window. */
  readonly mergeablePages: number;
  /**
   * Tracked pages that a device can also write to, or the kernel through a mapping of its own, which no
   * tracker sees: pinned buffers, rings. The most in any window.
   */
  readonly deviceWritablePages: number;
  /**
   * Private pages that the process gave back within a window, while their mapping stayed
   * (MADV_DONTNEED, MADV_FREE), summed over the windows that report it. soft-dirty forgets writes to them;
   * uffd-wp reports them, since their content changed. Null if no window does.
   */
  readonly droppedPages: number | null;
  /** The windows that report it: under uffd-wp only some do, since it costs time to look. */
  readonly droppedWindowCount: number;
}

/** What the coverage of one snapshot is, whether it has a window or not. */
export function coverageOf(snapshot: Snapshot): Coverage {
  const { process, pageSizeBytes, sinceClear, dirtyPopulated, untracked, pages } = snapshot;
  const blocks = blurredBlocks(snapshot);
  const blurredPages = blocks.reduce((sum, one) => sum + one.pages.pageCount, 0);
  const unseenNs = sinceClear === null ? 0 : sinceClear.unseenNs;
  const writable = memoryOf(snapshot.vmas, "writable");
  const shared = memoryOf(snapshot.vmas, "sharedWritable");
  const droppedPages = droppedIn(snapshot);
  return {
    processes: snapshot.members ?? [process],
    untrackedProcesses: [],
    pageSizeBytes,
    windowCount: sinceClear === null ? 0 : 1,
    leftOutSnapshotCount: sinceClear === null ? 1 : 0,
    writablePages: untracked.isEmpty ? writable.pageCount : writable.union(untracked).pageCount,
    untrackedPages: untracked.pageCount,
    untracked: untracked.isEmpty ? [] : untrackedShares(snapshot),
    untrackedWindowCount: untracked.isEmpty ? 0 : 1,
    lossyWindowCount: unseenNs !== null && unseenNs > 0 ? 1 : 0,
    lossyNs: unseenNs ?? 0,
    unknownLossWindowCount: unseenNs === null ? 1 : 0,
    reportedPages: dirtyPopulated.pageCount,
    leastWrittenPages: dirtyPopulated.pageCount - blurredPages +
      blocks.reduce((sum, one) => sum + leastPagesOf(one), 0),
    isHugeKnown: blurredPages === 0 || snapshot.knows("huge"),
    newMappingPages: dirtyPopulated.intersect(pages.newMapping).pageCount,
    reclaimablePages: snapshot.tracker === "soft-dirty" ? shared.subtract(untracked).pageCount : 0,
    reclaimedPages: snapshot.conditions.reclaimedPages,
    mergeablePages: pages.mergeable.intersect(writable).pageCount,
    deviceWritablePages: deviceWritableIn(snapshot),
    droppedPages,
    droppedWindowCount: droppedPages === null || sinceClear === null ? 0 : 1,
  };
}

function deviceWritableIn({ pages: { pinned }, vmas, untracked, conditions }: Snapshot): number {
  const rings = memoryOf(vmas, "kernelWritten");
  const located = pinned.union(rings).subtract(untracked).pageCount;
  return located + (conditions.unlocatedPinnedPages ?? 0);
}

/** Where uffd-wp reports what exists, the snapshot itself has the pages. */
function droppedIn(snapshot: Snapshot): number | null {
  const { conditions: { droppedPages }, tracker, dirtyUnpopulated, pages } = snapshot;
  if (droppedPages !== null || tracker === "soft-dirty" || !snapshot.knows("present")) {
    return droppedPages;
  }
  return dirtyUnpopulated.subtract(pages.newMapping).pageCount;
}

/** Which flag stands for which reason; a page counts for the first that it has. */
const FLAG_REASONS: readonly (readonly [PageFlag, UntrackedReason])[] = [
  ["foreign", "other-userfaultfd"],
  ["keptHuge", "huge-left-alone"],
  ["hugetlb", "hugetlb"],
  ["device", "device"],
  ["pinned", "pinned"],
];

function untrackedShares(snapshot: Snapshot): UntrackedShare[] {
  const { untracked, tracker } = snapshot;
  const shares: UntrackedShare[] = [];
  let rest = untracked;
  for (const [flag, reason] of FLAG_REASONS) {
    const isReason = flag === "foreign" || flag === "keptHuge" ||
      UNTRACKED_FLAGS[tracker].includes(flag);
    const own = isReason ? rest.intersect(untrackedOf(snapshot, flag)) : PageSet.empty;
    if (own.isEmpty) continue;
    rest = rest.subtract(own);
    shares.push({ reason, pageCount: own.pageCount });
  }
  if (!rest.isEmpty) {
    const reason = tracker === "soft-dirty" ? "not-in-source" : "unregistered";
    shares.push({ reason, pageCount: rest.pageCount });
  }
  return shares;
}

/**
 * The coverage of windows that follow each other, of the same processes. Where those change from window
 * to window, as in a group, the caller collects them.
 */
export function mergeWindows(a: Coverage, b: Coverage): Coverage {
  const worst = untrackedShare(b) > untrackedShare(a) ? b : a;
  // Field by field, and not by a list of two: each of hundreds of thousands of windows is merged.
  return {
    pageSizeBytes: a.pageSizeBytes,
    windowCount: a.windowCount + b.windowCount,
    leftOutSnapshotCount: a.leftOutSnapshotCount + b.leftOutSnapshotCount,
    untrackedWindowCount: a.untrackedWindowCount + b.untrackedWindowCount,
    lossyWindowCount: a.lossyWindowCount + b.lossyWindowCount,
    lossyNs: a.lossyNs + b.lossyNs,
    unknownLossWindowCount: a.unknownLossWindowCount + b.unknownLossWindowCount,
    reportedPages: a.reportedPages + b.reportedPages,
    leastWrittenPages: a.leastWrittenPages + b.leastWrittenPages,
    isHugeKnown: a.isHugeKnown && b.isHugeKnown,
    newMappingPages: a.newMappingPages + b.newMappingPages,
    reclaimedPages: sumOfKnown(a.reclaimedPages, b.reclaimedPages),
    droppedPages: sumOfKnown(a.droppedPages, b.droppedPages),
    droppedWindowCount: a.droppedWindowCount + b.droppedWindowCount,
    processes: b.processes,
    untrackedProcesses: b.untrackedProcesses,
    writablePages: worst.writablePages,
    untrackedPages: worst.untrackedPages,
    untracked: worst.untracked,
    reclaimablePages: Math.max(a.reclaimablePages, b.reclaimablePages),
    mergeablePages: Math.max(a.mergeablePages, b.mergeablePages),
    deviceWritablePages: Math.max(a.deviceWritablePages, b.deviceWritablePages),
  };
}

/**
 * The coverage of different processes of the same time.
 *
 * @param all of one process at least
 */
export function mergeProcesses(all: readonly Coverage[]): Coverage {
  const sum = (of: (one: Coverage) => number) => all.reduce((total, one) => total + of(one), 0);
  const untracked = UNTRACKED_REASONS.flatMap((reason) => {
    const pageCount = sum(({ untracked }) =>
      untracked.find((share) => share.reason === reason)?.pageCount ?? 0
    );
    return pageCount === 0 ? [] : [{ reason, pageCount }];
  });
  return {
    pageSizeBytes: all[0].pageSizeBytes,
    windowCount: sum((one) => one.windowCount),
    leftOutSnapshotCount: sum((one) => one.leftOutSnapshotCount),
    untrackedWindowCount: sum((one) => one.untrackedWindowCount),
    lossyWindowCount: sum((one) => one.lossyWindowCount),
    lossyNs: sum((one) => one.lossyNs),
    unknownLossWindowCount: sum((one) => one.unknownLossWindowCount),
    reportedPages: sum((one) => one.reportedPages),
    leastWrittenPages: sum((one) => one.leastWrittenPages),
    isHugeKnown: all.every(({ isHugeKnown }) => isHugeKnown),
    newMappingPages: sum((one) => one.newMappingPages),
    reclaimedPages: all.map((one) => one.reclaimedPages).reduce(sumOfKnown),
    droppedPages: all.map((one) => one.droppedPages).reduce(sumOfKnown),
    droppedWindowCount: sum((one) => one.droppedWindowCount),
    processes: distinct(all.flatMap(({ processes }) => processes), (process) => process),
    untrackedProcesses: distinct(
      all.flatMap(({ untrackedProcesses }) => untrackedProcesses),
      ({ process }) => process,
    ),
    writablePages: sum((one) => one.writablePages),
    untrackedPages: sum((one) => one.untrackedPages),
    untracked,
    reclaimablePages: sum((one) => one.reclaimablePages),
    mergeablePages: sum((one) => one.mergeablePages),
    deviceWritablePages: sum((one) => one.deviceWritablePages),
  };
}

function sumOfKnown(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : a + b;
}

function distinct<T>(all: readonly T[], identityOf: (one: T) => ProcessIdentity): T[] {
  const found = new Map(all.map((one) => {
    const { pid, startTimeTicks } = identityOf(one);
    return [`${pid} ${startTimeTicks}`, one];
  }));
  return [...found.values()];
}

/** The untracked part of the writable memory, from 0 to 1. */
export function untrackedShare({ untrackedPages, writablePages }: Coverage): number {
  return untrackedPages === 0 ? 0 : untrackedPages / writablePages;
}

/** True if most of the writable memory is untracked: then numbers about writes mean nothing. */
export function isMostlyUntracked(coverage: Coverage): boolean {
  return untrackedShare(coverage) > 0.5;
}

/** True if pages were reported by larger blocks than they are written in. */
export function isBlurred({ reportedPages, leastWrittenPages }: Coverage): boolean {
  return leastWrittenPages < reportedPages;
}

/** The most that can stay untracked where a check is to hold: 1 % of the writable memory. */
const CONCLUSIVE_SHARE = 0.01;

/** True if so much was tracked that the absence of writes can be concluded from it. */
export function isConclusive(coverage: Coverage): boolean {
  return untrackedShare(coverage) <= CONCLUSIVE_SHARE && coverage.untrackedProcesses.length === 0;
}
