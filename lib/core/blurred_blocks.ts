/**
 * Pages that are reported together because the kernel keeps one bit for several: of each such block at
 * least one page was written, and at most all. Where the kernel split a huge page it marks the whole
 * block, and no page need have been written.
 *
 * @module
 */

import { memoryOf } from "./memory_kinds.ts";
import { PageSet } from "./page_set.ts";
import type { SnapshotReadings } from "./snapshot_fields.ts";
import { hugePagePages, wholeBlocks } from "./whole_blocks.ts";

/** Blocks of one size, each reported as a whole. */
export interface BlurredBlocks {
  /** The pages of a block. */
  readonly blockPages: number;
  /** The least pages of each block that were written. */
  readonly leastPages: 0 | 1;
  /** The blocks, whole and aligned; every page of them is dirty and exists. */
  readonly pages: PageSet;
}

/**
 * The blocks of a snapshot that are, or can be, reported as a whole: huge pages, those that were split,
 * and where the kernel allocates large folios, aligned runs of their size. Largest first; no page is in
 * two of them.
 */
export function blurredBlocks(snapshot: SnapshotReadings): BlurredBlocks[] {
  if (snapshot.dirtyPopulated.isEmpty) return [];
  const found = snapshot.tracker === "soft-dirty" ? ofSoftDirty(snapshot) : ofUffdWp(snapshot);
  return found.filter(({ pages }) => !pages.isEmpty);
}

function ofSoftDirty(snapshot: SnapshotReadings): BlurredBlocks[] {
  const { dirtyPopulated, pageSizeBytes, conditions } = snapshot;
  const hugePages = hugePagePages(pageSizeBytes);
  const ofHugePages = (pages: PageSet, leastPages: 0 | 1) => ({
    blockPages: hugePages,
    leastPages,
    pages: wholeBlocks(pages, hugePages),
  });
  const split = possiblySplit(snapshot);
  const candidates = snapshot.knows("huge")
    ? dirtyPopulated.intersect(snapshot.pages.huge)
    : dirtyPopulated.subtract(split);
  const found: BlurredBlocks[] = [ofHugePages(candidates, 1), ofHugePages(split, 0)];
  let rest = found.reduce((rest, { pages }) => rest.subtract(pages), dirtyPopulated);
  for (const blockPages of conditions.folioPages.toReversed()) {
    const pages = wholeBlocks(rest, blockPages);
    rest = rest.subtract(pages);
    found.push({ blockPages, leastPages: 1, pages });
  }
  return found;
}

/**
 * The file pagemap does not report huge pages. Where smaps showed those of one read alone, others can have
 * been huge at the clear.
 */
function possiblySplit({ dirtyPopulated, pages, vmas, readBy, known }: SnapshotReadings): PageSet {
  const isUndecided = readBy === "pagemap" && known.includes("huge") && !known.includes("split");
  return isUndecided
    ? dirtyPopulated.intersect(memoryOf(vmas, "anonymous")).subtract(pages.huge)
    : dirtyPopulated.intersect(pages.split);
}

/**
 * Shared memory and hugetlb memory are reported by huge pages; other private ones are split. A shared one
 * that is split, as by mprotect, goes out of the page table as a whole, and its protection with it.
 */
function ofUffdWp(snapshot: SnapshotReadings): BlurredBlocks[] {
  const { dirtyPopulated, vmas } = snapshot;
  const shared = dirtyPopulated.intersect(memoryOf(vmas, "shared"));
  const hugetlb = dirtyPopulated.intersect(memoryOf(vmas, "mayBeHugetlb"));
  return [
    ...hugetlb.isEmpty ? [] : ofHugetlb(snapshot, hugetlb),
    ...shared.isEmpty ? [] : ofShared(snapshot, shared),
  ];
}

/** A hugetlb page has 1 GiB or 2 MiB, and is never split. */
function ofHugetlb(snapshot: SnapshotReadings, dirty: PageSet): BlurredBlocks[] {
  const blockPages = hugePagePages(snapshot.pageSizeBytes);
  const giganticPages = blockPages * 512;
  const found = snapshot.knows("huge") ? dirty.intersect(snapshot.pages.huge) : dirty;
  const gigantic = wholeBlocks(found, giganticPages);
  return [
    { blockPages: giganticPages, leastPages: 1, pages: gigantic },
    { blockPages, leastPages: 1, pages: wholeBlocks(found.subtract(gigantic), blockPages) },
  ];
}

function ofShared(snapshot: SnapshotReadings, dirty: PageSet): BlurredBlocks[] {
  const { pages: { huge, present, swapped } } = snapshot;
  const blockPages = hugePagePages(snapshot.pageSizeBytes);
  const whole = (pages: PageSet) => wholeBlocks(pages, blockPages);
  if (!snapshot.knows("huge") || !snapshot.knows("present")) {
    return [{ blockPages, leastPages: 0, pages: whole(dirty) }];
  }
  const absent = dirty.subtract(present).subtract(swapped);
  return [
    { blockPages, leastPages: 1, pages: whole(dirty.intersect(huge)) },
    { blockPages, leastPages: 0, pages: whole(absent) },
  ];
}

/** The least pages of these blocks that were written. */
export function leastPagesOf({ blockPages, leastPages, pages }: BlurredBlocks): number {
  return pages.pageCount / blockPages * leastPages;
}
