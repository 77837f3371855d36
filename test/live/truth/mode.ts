/**
 * What a mode of the truth table is: a short story of memory, whose written pages are known exactly.
 *
 * @module
 */

import type { Reason } from "../../../lib/core/explain.ts";
import type { PageSet } from "../../../lib/core/page_set.ts";
import type { Target } from "./target.ts";

/** What the kernel loses, or adds with no other mark than a write has; by the names in the table. */
export const CAUSES = {
  "other mapping": "written through another mapping of the same memory: the bit is of the mapping",
  dropped:
    "dropped by the process (MADV_DONTNEED, MADV_FREE, MADV_REMOVE, MREMAP_DONTUNMAP, guard pages): the " +
    "page is gone, and its mark too; explain() shows those that uffd-wp reports",
  reclaimed:
    "taken out of the page table, as by reclaim, MADV_PAGEOUT or MADV_DONTNEED of shared memory: the " +
    "content stays, and its mark is gone",
  merged: "merged by KSM, which makes a new entry of the page table",
  device:
    "written by a device, or by the kernel through a mapping of its own, past all page tables",
  folio: "in one folio with a page that was touched first",
  populated:
    "touched by the kernel itself with the fault of a write (mlock, MADV_POPULATE_WRITE, buffers that are " +
    "registered with io_uring)",
  "moved onto": "moved onto memory that was mapped at the clear: a snapshot takes it for written",
  split: "left by a huge page that was split: the kernel gives each part the mark",
} as const;

/** A name in {@linkcode CAUSES}. */
export type Cause = keyof typeof CAUSES;

/** Pages that a cause may take. Either it takes all of them, or none. */
export type ByCause = { readonly [cause in Cause]?: PageSet };

/** What came of a mode, in the page numbers of the target. */
export interface Played {
  /** Where to look; everything in it was made by the mode. */
  readonly region: PageSet;
  /** The pages that were written after the clear, by whomever. */
  readonly written: PageSet;
  /** Pages that changed without being written: they came, went or were moved. */
  readonly changed?: PageSet;
  /** Written pages that the kernel may not report. */
  readonly mayMiss?: ByCause;
  /** Pages that the kernel may report as written though they were not. */
  readonly mayAdd?: ByCause;
  /** What else was done to the memory: an extra page must not be explained by anything else. */
  readonly reasons?: readonly Reason[];
  /** What the table should say besides: that the kernel did not do what it was asked for. */
  readonly note?: string;
  /** The process to look at, if it is not the target itself. */
  readonly pid?: number;
}

/** Forgets what was written until now; of the target, if no other process is named. */
export type Clear = (pid?: number) => void;

/** One row of the table. */
export interface Mode {
  readonly name: string;
  /**
   * Prepares, clears, and acts.
   *
   * @throws LeftOut if this machine lacks what the mode needs
   */
  play(target: Target, clear: Clear): Promise<Played>;
}

/** This machine lacks what a mode needs. */
export class LeftOut extends Error {}

/** This kernel has no such thing. */
export class NotInKernel extends Error {}

/** Causes of which not all pages need be taken: the kernel leaves the one that it keeps as it was. */
export const PARTIAL: ReadonlySet<Cause> = new Set(["merged"]);
