/**
 * Blocks of pages that may be huge pages.
 *
 * A huge page has one soft-dirty bit, so one write to it reports all of its 2 MiB. A pagemap does not
 * tell a huge page from small pages that were all written; what can be told is which blocks could be
 * such.
 *
 * @module
 */

import { PageSet } from "./page_set.ts";

/** The size of a huge page, as x86-64 and arm64 with pages of 4 KiB have it. */
export const HUGE_PAGE_BYTES = 2 ** 21;

/**
 * The aligned blocks of 2 MiB of which every page is in the set. With base pages of 2 MiB or more there
 * are none.
 */
export function wholeBlocks(pages: PageSet, pageSizeBytes: number): PageSet {
  const blockPages = HUGE_PAGE_BYTES / pageSizeBytes;
  if (blockPages <= 1) return PageSet.empty;
  const { edges } = pages;
  const blocks = new Float64Array(edges.length);
  let length = 0;
  for (let i = 0; i < edges.length; i += 2) {
    const start = Math.ceil(edges[i] / blockPages);
    const end = Math.floor(edges[i + 1] / blockPages);
    if (start >= end) continue;
    blocks[length++] = start * blockPages;
    blocks[length++] = end * blockPages;
  }
  return PageSet.fromEdges(blocks.slice(0, length));
}

/** How many huge pages that many pages are. */
export function hugePageCount(pageCount: number, pageSizeBytes: number): number {
  return Math.ceil(pageCount * pageSizeBytes / HUGE_PAGE_BYTES);
}
