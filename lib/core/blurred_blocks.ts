/**
 * Pages that are reported together because the kernel keeps one bit for several: of each such block at
 * least one page was written, and at most all.
 *
 * @module
 */

import { PageSet } from "./page_set.ts";
import { Snapshot } from "./snapshot.ts";
import { hugePagePages, wholeBlocks } from "./whole_blocks.ts";

/** Blocks of one size, each reported as a whole. */
export interface BlurredBlocks {
  /** The pages of a block. */
  readonly blockPages: number;
  /** The blocks, whole and aligned; every page of them is dirty and exists. */
  readonly pages: PageSet;
}

/**
 * The blocks of a snapshot that are, or can be, reported as a whole: huge pages, and where the kernel
 * allocates large folios, aligned runs of their size. With uffd-wp only shared memory is reported by
 * huge pages; private ones are split. Largest first; no page is in two of them.
 */
export function blurredBlocks(snapshot: Snapshot): BlurredBlocks[] {
  const { dirtyPopulated, pageSizeBytes, conditions, tracker } = snapshot;
  if (dirtyPopulated.isEmpty) return [];
  const hugePages = hugePagePages(pageSizeBytes);
  const candidates = snapshot.knows("huge")
    ? dirtyPopulated.intersect(snapshot.pages.huge)
    : dirtyPopulated;
  const huge = wholeBlocks(
    tracker === "soft-dirty" ? candidates : candidates.intersect(sharedMemory(snapshot)),
    hugePages,
  );
  const found = [{ blockPages: hugePages, pages: huge }];
  let rest = dirtyPopulated.subtract(huge);
  if (tracker === "soft-dirty") {
    for (const blockPages of conditions.folioPages.toReversed()) {
      const pages = wholeBlocks(rest, blockPages);
      rest = rest.subtract(pages);
      found.push({ blockPages, pages });
    }
  }
  return found.filter(({ pages }) => !pages.isEmpty);
}

function sharedMemory({ vmas }: Snapshot): PageSet {
  return PageSet.from(vmas.filter(({ perms }) => perms[3] === "s"));
}

/** How many blocks there are. */
export function blockCount({ blockPages, pages }: BlurredBlocks): number {
  return pages.pageCount / blockPages;
}

/**
 * The snapshot with the least that can have been written: of each block its first page alone. Measures
 * of such snapshots bound the true value from below.
 */
export function leastWritten(snapshot: Snapshot): Snapshot {
  const blocks = blurredBlocks(snapshot);
  if (blocks.length === 0) return snapshot;
  const dirty = blocks.reduce(
    (dirty, { pages, blockPages }) => dirty.subtract(pages).union(firstPages(pages, blockPages)),
    snapshot.pages.dirty,
  );
  return new Snapshot({ ...snapshot, pages: { ...snapshot.pages, dirty } });
}

/** The first page of each block. */
function firstPages({ edges, pageCount }: PageSet, blockPages: number): PageSet {
  const firsts = new Float64Array(pageCount / blockPages * 2);
  let length = 0;
  for (let i = 0; i < edges.length; i += 2) {
    for (let page = edges[i]; page < edges[i + 1]; page += blockPages) {
      firsts[length++] = page;
      firsts[length++] = page + 1;
    }
  }
  return PageSet.fromAscending(firsts);
}
