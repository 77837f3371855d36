/**
 * Why pages are reported: the kernel marks more than what was written
 * (`Documentation/admin-guide/mm/soft-dirty.rst`, and what was measured beyond it).
 *
 * @module
 */

import { blurredBlocks } from "./blurred_blocks.ts";
import { mappingsWith } from "./mapped_runs.ts";
import { memoryOf } from "./memory_kinds.ts";
import { PageSet } from "./page_set.ts";
import type { SnapshotReadings } from "./snapshot_fields.ts";
import type { Vma } from "./vma.ts";
import { wholeHugeBlocks } from "./whole_blocks.ts";

/**
 * - `new-mapping`: in a mapping that was made or grown since the clear, or merged with such a one
 *   (VM_SOFTDIRTY); with uffd-wp, in memory that was not protected yet, such as what was moved, or what
 *   a mapping grew by.
 * - `moved`: in a mapping that mremap(2) put there since the clear; moved pages count as dirty.
 * - `huge-page`: part of a huge page, of which some page was written; or of one that was split, which
 *   marks all of it.
 * - `dropped`: with uffd-wp, given back by the process (MADV_DONTNEED, MADV_FREE): its content changed.
 * - `written`: none of these; the page itself was written, or made by a write fault.
 */
export const REASONS = ["written", "huge-page", "moved", "dropped", "new-mapping"] as const;

/** Why a page is reported. */
export type Reason = typeof REASONS[number];

/** The pages that are reported for one reason. */
export interface ReasonShare {
  /** Why these pages are reported. */
  readonly reason: Reason;
  /** The pages that are reported for this reason. */
  readonly pages: PageSet;
  /** Those of them that exist. */
  readonly populatedPages: number;
  /** Size of `pages` in bytes. */
  readonly bytes: number;
  /**
   * Pages counted as `written` that might be reported for this reason instead: this snapshot does not
   * show it. 0 where it does.
   */
  readonly undecidedPages: number;
}

/** Why each dirty page of a snapshot is reported. */
export class Explanation<S extends SnapshotReadings = SnapshotReadings> {
  /** The snapshot that is explained. */
  readonly snapshot: S;
  /** One for each of {@linkcode REASONS}; together they are the dirty pages, each once. */
  readonly shares: readonly ReasonShare[];

  /** Holds shares that {@linkcode explain} found. */
  constructor(snapshot: S, shares: readonly ReasonShare[]) {
    this.snapshot = snapshot;
    this.shares = shares;
  }

  /** The pages that are reported for this reason. */
  pages(reason: Reason): PageSet {
    return this.shares.find((share) => share.reason === reason)!.pages;
  }
}

/**
 * Explains a snapshot. Where several reasons apply, the one that marks the most wins: a page of a new
 * mapping is reported whatever else happened to it.
 */
export function explain<S extends SnapshotReadings>(snapshot: S): Explanation<S> {
  const { dirty, pageSizeBytes, pages, tracker } = snapshot;
  const isNewKnown = snapshot.knows("newMapping");
  const inNew = dirty.intersect(isNewKnown ? snapshot.pages.newMapping : visiblyNew(snapshot));
  const old = dirty.subtract(inNew);
  const places = movedSince(snapshot, isNewKnown);
  const moved = old.intersect(places ?? PageSet.empty);
  const inPlace = old.subtract(moved);
  const dropped = tracker === "uffd-wp" && snapshot.knows("present")
    ? inPlace.intersect(snapshot.dirtyUnpopulated)
    : PageSet.empty;
  const inHuge = inPlace.intersect(pages.huge.union(pages.split));
  const written = inPlace.subtract(inHuge).subtract(dropped);
  const sets = { written, "huge-page": inHuge, moved, dropped, "new-mapping": inNew };
  const undecided: Readonly<Record<Reason, number>> = {
    written: 0,
    "huge-page": possiblyHuge(snapshot, written, pageSizeBytes),
    dropped: tracker === "uffd-wp" && !snapshot.knows("present")
      ? privatePages(snapshot, written)
      : 0,
    moved: tracker === "soft-dirty" && places === undefined ? written.pageCount : 0,
    "new-mapping": isNewKnown ? 0 : written.intersect(possiblyNew(snapshot, written)).pageCount,
  };
  return new Explanation(
    snapshot,
    REASONS.map((reason) => {
      const pages = sets[reason];
      return {
        reason,
        pages,
        populatedPages: pages.pageCount - pages.intersect(snapshot.dirtyUnpopulated).pageCount,
        bytes: pages.pageCount * pageSizeBytes,
        undecidedPages: undecided[reason],
      };
    }),
  );
}

/** Pages of whole blocks that can be, or can have been, huge pages. */
function possiblyHuge(snapshot: SnapshotReadings, written: PageSet, pageSizeBytes: number): number {
  if (!snapshot.knows("huge")) return wholeHugeBlocks(written, pageSizeBytes).pageCount;
  const wasSplit = blurredBlocks(snapshot).filter(({ leastPages }) => leastPages === 0);
  return wasSplit.reduce((sum, { pages }) => sum + pages.intersect(written).pageCount, 0);
}

function privatePages({ vmas }: SnapshotReadings, pages: PageSet): number {
  return pages.subtract(memoryOf(vmas, "shared")).pageCount;
}

/**
 * Mappings with a page that is dirty and does not exist. Only the mark of the whole mapping does that,
 * and it is on all of its pages.
 */
function visiblyNew({ vmas, dirtyUnpopulated }: SnapshotReadings): PageSet {
  return PageSet.from(mappingsWith(vmas, dirtyUnpopulated));
}

/**
 * Mappings with some of these pages that the mark may be on: it would be on all of their pages. Where
 * pages that do not exist are not reported at all, as by CRIU's images, it would be on all that exist.
 */
function possiblyNew(snapshot: SnapshotReadings, pages: PageSet): PageSet {
  const { vmas, populated } = snapshot;
  const dirty = snapshot.dirty.union(snapshot.pages.guard);
  const isMarked = ({ start, end }: Vma) =>
    dirty.countIn(start, end) ===
      (snapshot.knows("present") ? end - start : populated.countIn(start, end));
  return PageSet.from(mappingsWith(vmas, pages).filter(isMarked));
}

/**
 * Mappings where none was at the clear. A new one has the mark; without it, memory was moved there. Where
 * the mark is not known, that is so only if other memory is gone. What overlaps an old mapping grew in
 * place, without a mark, as stacks do and mremap may: there, pages were written. Undefined if it is not
 * known what was mapped.
 */
function movedSince(
  { vmas, sinceClear }: SnapshotReadings,
  isNewKnown: boolean,
): PageSet | undefined {
  if (sinceClear === null || sinceClear.vmas === null) return undefined;
  if (sinceClear.vmas === vmas) return PageSet.empty;
  const before = memoryOf(sinceClear.vmas, "mapped");
  const isAllThere = before.subtract(memoryOf(vmas, "mapped")).isEmpty;
  if (isAllThere && !isNewKnown) return PageSet.empty;
  return PageSet.from(vmas.filter(({ start, end }) => before.countIn(start, end) === 0));
}
