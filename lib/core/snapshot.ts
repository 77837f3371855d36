/**
 * What one read of a process's pagemap saw: a value, the same whether it comes from a live process
 * or from a trace.
 *
 * @module
 */

import { PageSet } from "./page_set.ts";
import type { ProcessIdentity } from "./process.ts";
import type { Vma } from "./vma.ts";

/**
 * The flags of pages that a snapshot keeps. All but the last are bits of a pagemap entry; see the
 * kernel's `Documentation/admin-guide/mm/pagemap.rst`.
 */
export const PAGE_FLAGS = [
  /** Bit 55: written since the last clear, or part of a mapping made or grown since then. */
  "dirty",
  /** Bit 63: in RAM. */
  "present",
  /** Bit 62: in swap (or a migration entry or a marker). */
  "swapped",
  /** Bit 61: a page of a file, or shared anonymous memory. */
  "fileOrShared",
  /** Bit 56: mapped by this process alone (since 4.2). */
  "exclusive",
  /** Bit 57: write-protected by userfaultfd (since 5.13). */
  "uffdWriteProtected",
  /** Bit 58: a guard region (since 6.15). */
  "guard",
  /** `ht` in smaps' VmFlags: hugetlb memory, whose writes soft-dirty does not see at all. */
  "hugetlb",
] as const;

/** The name of a page flag. */
export type PageFlag = typeof PAGE_FLAGS[number];

/** One set for each page flag. */
export type PageSets = { readonly [flag in PageFlag]: PageSet };

/** How dirty pages were found. */
export type TrackerKind = "soft-dirty";

/** A clear of the soft-dirty bits of one process. */
export interface ClearEvent {
  readonly type: "clear";
  readonly process: ProcessIdentity;
  /** When the clear began, in nanoseconds since the session began. */
  readonly atNs: number;
  /** How long the clear took; a write in this time may be on either side of it. */
  readonly durationNs: number;
}

/** The fields of a {@linkcode Snapshot}: raw observations only. */
export interface SnapshotFields {
  readonly process: ProcessIdentity;
  readonly pageSizeBytes: number;
  /** The mappings, ascending and disjoint. */
  readonly vmas: readonly Vma[];
  readonly pages: PageSets;
  readonly tracker: TrackerKind;
  /** When the read began, in nanoseconds since the session began. */
  readonly atNs: number;
  /** How long the read took. A pagemap is not read in one instant. */
  readonly durationNs: number;
  /** The clear that this read is measured from; null if this session made none before. */
  readonly sinceClear: ClearEvent | null;
  /** Unix time, in milliseconds, at which `atNs` was 0. */
  readonly originUnixMs: number;
  /** Its number among the snapshots of its session or trace, from 0. */
  readonly index: number;
}

/** A snapshot has all of these fields. */
export interface Snapshot extends SnapshotFields {}

/** A snapshot, with the readings that are derived from its raw sets. */
export class Snapshot {
  constructor(fields: SnapshotFields) {
    Object.assign(this, fields);
  }

  /** Pages that exist, in RAM or in swap, and whose writes the tracker sees. */
  get populated(): PageSet {
    return this.pages.present.union(this.pages.swapped).subtract(this.untracked);
  }

  /** Pages whose writes the tracker cannot see: they are neither clean nor dirty. */
  get untracked(): PageSet {
    return this.pages.hugetlb;
  }

  /** Every page whose bit 55 the kernel reports, whether it exists or not. */
  get dirty(): PageSet {
    return this.pages.dirty.subtract(this.untracked);
  }

  /** The dirty pages that exist: what a checkpoint would have to save. */
  get dirtyPopulated(): PageSet {
    return this.dirty.intersect(this.populated);
  }

  /**
   * Dirty pages that do not exist: nobody wrote them. The kernel reports a whole new or grown
   * mapping (VM_SOFTDIRTY), populated or not.
   */
  get dirtyUnpopulated(): PageSet {
    return this.dirty.subtract(this.populated);
  }

  /** The pages that all mappings span. */
  get mapped(): PageSet {
    return PageSet.from(this.vmas);
  }

  /** When the read began. */
  get readAt(): Date {
    return new Date(this.originUnixMs + this.atNs / 1e6);
  }
}
