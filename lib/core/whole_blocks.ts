/**
 * Blocks of pages that can be huge pages, or other large folios.
 *
 * A huge page has one soft-dirty bit, so one write to it reports all of its 2 MiB. A pagemap shows no
 * difference between a huge page and small pages that were all written; it shows which blocks could be
 * huge pages.
 *
 * @module
 */

import { PageSet } from "./page_set.ts";

/** The size of a huge page, as x86-64 and arm64 with pages of 4 KiB have it. */
export const HUGE_PAGE_BYTES = 2 ** 21;

/** How many pages a huge page has; 1 or less where pages are as large. */
export function hugePagePages(pageSizeBytes: number): number {
  return HUGE_PAGE_BYTES / pageSizeBytes;
}

/** The aligned blocks of 2 MiB of which every page is in the set. */
export function wholeHugeBlocks(pages: PageSet, pageSizeBytes: number): PageSet {
  return wholeBlocks(pages, hugePagePages(pageSizeBytes));
}

/** The aligned blocks of so many pages of which every page is in the set. Of 1 page there are none. */
export function wholeBlocks(pages: PageSet, blockPages: number): PageSet {
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
