/**
 * How far the page tables of a target are allowed to grow because it is tracked.
 *
 * Protecting a page that does not exist puts a marker in its place. Where no page of a block exists, that
 * takes a page of page tables, which stays until the block is unmapped. So this is done for a bounded
 * number of blocks alone.
 *
 * @module
 */

import { PageSet } from "../../core/page_set.ts";
import type { Vma } from "../../core/vma.ts";
import { CATEGORY, type PagemapScan } from "../pagemap/pagemap_scan.ts";
import { blocksOf } from "./page_table_blocks.ts";
import { Regions } from "../pagemap/regions.ts";

/** Of one process: 4 MiB of page tables, with pages of 4 KiB. */
const MOST_EMPTY_BLOCKS = 1 << 10;

const { present, swapped } = CATEGORY;

/** What of one address space was filled with markers. */
export class MarkerBudget {
  readonly #scan: PagemapScan;
  readonly #blockPages: number;
  /** Blocks that were empty when they were filled. */
  #filled = PageSet.empty;

  constructor(scan: PagemapScan, blockPages: number) {
    this.#scan = scan;
    this.#blockPages = blockPages;
  }

  /** Chooses those of some mappings that are not to be filled, and remembers the others. */
  sparse(pagemap: number, vmas: readonly Vma[], mapped: PageSet): Vma[] {
    this.#filled = blocksOf(this.#filled.intersect(mapped), this.#blockPages);
    let left = MOST_EMPTY_BLOCKS - this.#filled.pageCount / this.#blockPages;
    const all = blocksOf(PageSet.from(vmas), this.#blockPages);
    if (all.pageCount / this.#blockPages <= left) {
      this.#filled = this.#filled.union(all);
      return []; // even if all of them are empty
    }
    const sparse: Vma[] = [];
    const candidates = vmas.map((vma) => ({ vma, empty: this.#emptyBlocks(pagemap, vma) }));
    // What is private is tracked exactly without markers too.
    candidates.sort((a, b) =>
      isPrivate(a.vma) - isPrivate(b.vma) || a.empty.pageCount - b.empty.pageCount
    );
    for (const { vma, empty } of candidates) {
      const count = empty.pageCount / this.#blockPages;
      if (count > left) {
        sparse.push(vma);
        continue;
      }
      left -= count;
      this.#filled = this.#filled.union(empty);
    }
    return sparse;
  }

  #emptyBlocks(pagemap: number, { start, end }: Vma): PageSet {
    const found = new Regions();
    const inMemory = present | swapped;
    this.#scan.scan(
      pagemap,
      start,
      end,
      { categoryAnyOfMask: inMemory, returnMask: inMemory },
      found,
    );
    const used = found.pagesWith(present).union(found.pagesWith(swapped));
    const all = blocksOf(PageSet.from([{ start, end }]), this.#blockPages);
    return all.subtract(blocksOf(used, this.#blockPages));
  }
}

function isPrivate({ perms }: Vma): number {
  return perms[3] === "p" ? 1 : 0;
}
