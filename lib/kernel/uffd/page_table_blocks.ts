/**
 * Blocks of memory that share a page of the page tables, which holds an entry of 8 bytes for each page.
 *
 * @module
 */

import { PageSet } from "../../core/page_set.ts";

/** Bytes of an entry. */
const ENTRY_BYTES = 8;

/** How many pages one page of page tables stands for: 512 (2 MiB) with pages of 4 KiB. */
export function pagesOfTable(pageSizeBytes: number): number {
  return pageSizeBytes / ENTRY_BYTES;
}

/** All blocks with a page in the set, as whole blocks. */
export function blocksOf(pages: PageSet, blockPages: number): PageSet {
  if (pages.isEmpty) return pages;
  const { edges } = pages;
  const blocks = new Float64Array(edges.length);
  let length = 0;
  for (let i = 0; i < edges.length; i += 2) {
    const start = Math.floor(edges[i] / blockPages) * blockPages;
    const end = Math.ceil(edges[i + 1] / blockPages) * blockPages;
    // Neighbours may lie in one block.
    if (length > 0 && start <= blocks[length - 1]) length--;
    else blocks[length++] = start;
    blocks[length++] = end;
  }
  return PageSet.fromAscending(blocks.slice(0, length));
}
