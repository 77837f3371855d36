/**
 * Dirty blocks that may be huge pages.
 *
 * A huge page has one soft-dirty bit, so one write to it reports all of its 2 MiB. Nothing in a
 * pagemap tells a huge page from small pages that were all written; what can be told is how many
 * blocks could be such.
 *
 * @module
 */

import type { PageSet } from "../core/page_set.ts";

const HUGE_PAGE_BYTES = 2 ** 21;

/** The aligned blocks of 2 MiB of which every page is in the set. */
export interface WholeBlocks {
  readonly blockCount: number;
  readonly pageCount: number;
}

/** Counts them; with base pages of 2 MiB or more there are none. */
export function wholeBlocks(pages: PageSet, pageSizeBytes: number): WholeBlocks {
  const blockPages = HUGE_PAGE_BYTES / pageSizeBytes;
  let blockCount = 0;
  if (blockPages > 1) {
    const { edges } = pages;
    for (let i = 0; i < edges.length; i += 2) {
      const first = Math.ceil(edges[i] / blockPages);
      const last = Math.floor(edges[i + 1] / blockPages);
      if (last > first) blockCount += last - first;
    }
  }
  return { blockCount, pageCount: blockCount * blockPages };
}
