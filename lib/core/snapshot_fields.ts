/**
 * What one read of a process observed: the raw fields of a snapshot, and the events that they are
 * measured from.
 *
 * @module
 */

import { PageSet } from "./page_set.ts";
import type { ProcessIdentity } from "./process.ts";
import type { Vma } from "./vma.ts";

/**
 * The flags of pages that a snapshot keeps: what the kernel says about a page in pagemap or
 * PAGEMAP_SCAN (its `Documentation/admin-guide/mm/pagemap.rst`), and what is known about its mapping.
 */
export const PAGE_FLAGS = [
  /**
   * Written since the last clear, or part of a mapping made or grown since then: bit 55, or
   * PAGE_IS_WRITTEN under uffd-wp.
   */
  "dirty",
  /** Bit 63: in RAM. */
  "present",
  /** Bit 62: in swap, or a migration entry. */
  "swapped",
  /** Bit 61: a page of a file, or shared anonymous memory. */
  "fileOrShared",
  /** Bit 56: mapped by this process alone (since 4.2). PAGEMAP_SCAN does not report it. */
  "exclusive",
  /** Bit 57: write-protected by userfaultfd (since 5.13). */
  "uffdWriteProtected",
  /** Bit 58: a guard region (since 6.15). */
  "guard",
  /** `ht` in smaps' VmFlags: hugetlb memory, whose writes soft-dirty does not see at all. */
  "hugetlb",
  /** PAGE_IS_HUGE: mapped as part of a huge page. The file pagemap does not report it. */
  "huge",
  /**
   * In a mapping that was made, grown or moved since the last clear: `sd` in smaps' VmFlags, or what
   * no userfaultfd has protected yet.
   */
  "newMapping",
  /** In a mapping whose writes the tracker does not see, because it could not or should not. */
  "unwatched",
  /** Of `unwatched`: in a mapping that another userfaultfd owns. */
  "foreign",
  /** Of `unwatched`: in a mapping with huge pages, which `keepHuge` left alone. */
  "keptHuge",
  /** `pf` or `io` in smaps' VmFlags: memory of a device, of whose pages the kernel reports nothing. */
  "device",
  /**
   * Pinned for long (io_uring, RDMA, VFIO): devices can write to it, which no tracker sees. Under
   * soft-dirty the kernel does not clear private pages that are pinned, so their bit says nothing.
   */
  "pinned",
  /**
   * `mg` in smaps' VmFlags while KSM runs. When the kernel merges a page it makes a new entry: a write
   * before is lost to soft-dirty, and uffd-wp reports a page that was not written.
   */
  "mergeable",
  /**
   * Under soft-dirty: part of a huge page at the clear, and of none now. Kernels after 6.1 (measured on
   * 6.12 and 7.3) mark each page of a private huge page that they split, written or not. Known where both
   * reads report huge pages.
   */
  "split",
] as const;

/** The name of a page flag. */
export type PageFlag = typeof PAGE_FLAGS[number];

/** One set for each page flag. */
export type PageSets = { readonly [flag in PageFlag]: PageSet };

/** The ways of tracking writes. */
export const TRACKER_KINDS = ["soft-dirty", "uffd-wp"] as const;

/** How dirty pages were found. */
export type TrackerKind = typeof TRACKER_KINDS[number];

/** The ways of reading what a tracker tracked: the file pagemap, or the ioctl on it. */
export const READ_METHODS = ["pagemap", "pagemap-scan"] as const;

/** How a snapshot was read. */
export type ReadMethod = typeof READ_METHODS[number];

/** A moment from which writes of one process count from zero. */
export interface ClearEvent {
  /** Marks a clear among the events of a trace. */
  readonly type: "clear";
  /** The process that was cleared. */
  readonly process: ProcessIdentity;
  /** When the clear began, in nanoseconds since the session began. */
  readonly atNs: number;
  /** How long the clear took; a write in this time may be on either side of it. */
  readonly durationNs: number;
  /**
   * How long before its end a write may have been lost: it came after the snapshot before this clear
   * had passed its page, and was cleared with the rest. 0 if nothing can be lost: there was no
   * snapshot before, the target was stopped, or read and clear were one step. Null if unknown.
   */
  readonly unseenNs: number | null;
  /** For how long the target was stopped for it. */
  readonly stoppedNs: number;
  /** The mappings right after it; null if they were not read. */
  readonly vmas: readonly Vma[] | null;
}

/** What was so around a read, and bears on what its pages mean. */
export interface ReadConditions {
  /**
   * Pages that the kernel reclaimed since the clear, in the control group of the process or, where that
   * does not count them, in the whole system; null if unknown. Reclaim takes the soft-dirty bit of
   * shared memory and of mapped files away.
   */
  readonly reclaimedPages: number | null;
  /**
   * The sizes of large folios, below a huge page, in which this kernel can allocate memory, in pages,
   * ascending (`/sys/kernel/mm/transparent_hugepage/hugepages-*kB`); empty if there are none, or if
   * unknown. Under soft-dirty the first write to one page of a folio reports all of them.
   */
  readonly folioPages: readonly number[];
  /**
   * How many pages are pinned for long at unknown addresses, so that devices can write to them: what the
   * kernel counts (VmPin of `/proc/PID/status`, and VmLck where VFIO is mapped) beyond the pages with
   * the flag `pinned`. Null if unknown.
   */
  readonly unlocatedPinnedPages: number | null;
  /**
   * Private pages that existed at the clear and that the process gave back since, while their mapping
   * stayed (MADV_DONTNEED, MADV_FREE, MREMAP_DONTUNMAP, guard pages); null if that was not read. soft-dirty
   * forgets writes to them; uffd-wp reports all of them, since their content changed.
   */
  readonly droppedPages: number | null;
}

/** Where nothing was asked. */
export const UNKNOWN_CONDITIONS: ReadConditions = Object.freeze({
  reclaimedPages: null,
  folioPages: Object.freeze([]),
  unlocatedPinnedPages: null,
  droppedPages: null,
});

/** The fields of a {@linkcode Snapshot}: raw observations only. */
export interface SnapshotFields {
  /** The process that was read. */
  readonly process: ProcessIdentity;
  /** Size of a page in bytes: the unit of all counts of pages beside it. */
  readonly pageSizeBytes: number;
  /** The mappings, ascending and disjoint. */
  readonly vmas: readonly Vma[];
  /** The pages that have each flag, as the kernel reported them. */
  readonly pages: PageSets;
  /** How writes were tracked. */
  readonly tracker: TrackerKind;
  /** How the pages were read. */
  readonly readBy: ReadMethod;
  /**
   * The flags that were read for each page. Others cost too much to find out, or are not to be had: they
   * are known for the pages of new mappings at most.
   */
  readonly known: readonly PageFlag[];
  /** {@linkcode UNKNOWN_CONDITIONS} where they were not recorded. */
  readonly conditions: ReadConditions;
  /** When the read began, in nanoseconds since the session began. */
  readonly atNs: number;
  /** How long the read took. A pagemap is not read in one instant. */
  readonly durationNs: number;
  /** For how long the target was stopped for it. */
  readonly stoppedNs: number;
  /** The clear that this read is measured from; null if this session made none before. */
  readonly sinceClear: ClearEvent | null;
  /** Unix time, in milliseconds, at which `atNs` was 0. */
  readonly originUnixMs: number;
  /** Its number among the snapshots of its session or trace, from 0. */
  readonly index: number;
  /** Of a snapshot that stands for several processes (`groupSnapshots`), all of them. */
  readonly members?: readonly ProcessIdentity[] | undefined;
}

/** The flags of pages whose writes a tracker cannot see. */
export const UNTRACKED_FLAGS: Readonly<Record<TrackerKind, readonly PageFlag[]>> = {
  "soft-dirty": ["unwatched", "device", "hugetlb", "pinned"],
  "uffd-wp": ["unwatched", "device"],
};

/** One set for each page flag, in their order. */
export function pageSets(setOf: (flag: PageFlag) => PageSet): PageSets {
  const sets: Partial<Record<PageFlag, PageSet>> = {};
  for (const flag of PAGE_FLAGS) sets[flag] = setOf(flag);
  return sets as PageSets;
}

/** No page of any kind. */
export const NO_PAGES: PageSets = Object.freeze(pageSets(() => PageSet.empty));

/** A snapshot as its explanations see it: raw fields, and what follows from them. */
export interface SnapshotReadings extends SnapshotFields {
  /** Tracked pages that exist, in RAM or in swap. */
  readonly populated: PageSet;
  /** Pages whose writes the tracker cannot see. */
  readonly untracked: PageSet;
  /** Every page that is reported, whether it exists or not. */
  readonly dirty: PageSet;
  /** The dirty pages that exist. */
  readonly dirtyPopulated: PageSet;
  /** Dirty pages that do not exist. */
  readonly dirtyUnpopulated: PageSet;
  /** True if the snapshot has this flag of each page. */
  knows(flag: PageFlag): boolean;
}
