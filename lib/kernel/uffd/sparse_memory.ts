/**
 * Mappings in which few of many pages exist, tracked without page tables of their own: pages that do not
 * exist are protected only in blocks in which another page exists, where a marker costs nothing.
 *
 * In the other blocks a page that comes into being is not protected, and looks written. It was, unless it
 * is the page of zeros, or of a file below a private mapping: a read puts those there, and a write
 * replaces them. Only in shared memory is the first read of a page taken for a write.
 *
 * @module
 */

import { PageSet } from "../../core/page_set.ts";
import type { Vma } from "../../core/vma.ts";
import { CATEGORY, type PagemapScan } from "../pagemap/pagemap_scan.ts";
import { blocksOf } from "./page_table_blocks.ts";
import { Regions } from "../pagemap/regions.ts";

const { wpAllowed, written, file, present, swapped, zero, huge } = CATEGORY;
const exists = present | swapped;

/** Pages that were written. */
export interface Written {
  readonly pages: PageSet;
  /** Those of them in huge pages, if that was asked. */
  readonly huge: PageSet;
}

/** The sparse mappings of one address space. */
export class SparseMemory {
  readonly #scan: PagemapScan;
  readonly #blockPages: number;
  #pages = PageSet.empty;
  #private = PageSet.empty;
  /** Parts of blocks in which each page is protected, whether it exists or not. */
  #armed = PageSet.empty;
  readonly #found = new Regions();
  readonly #missing = new Regions();
  readonly #late = new Regions();

  constructor(scan: PagemapScan, blockPages: number) {
    this.#scan = scan;
    this.#blockPages = blockPages;
  }

  /** All of its pages. */
  get pages(): PageSet {
    return this.#pages;
  }

  /** Forgets what was registered again, and adds those mappings of it that are sparse. */
  register(registered: PageSet, sparse: readonly Vma[]): void {
    const old = this.#pages.subtract(registered);
    this.#pages = old.union(PageSet.from(sparse));
    const isPrivate = ({ perms }: Vma) => perms[3] === "p";
    this.#private = this.#private.intersect(old).union(PageSet.from(sparse.filter(isPrivate)));
    this.#armed = this.#armed.intersect(old);
  }

  /**
   * The pages that were written, or whose content was dropped.
   *
   * @param mapped what is to be looked at
   * @param protect protects each of them in the same step
   */
  written(pagemap: number, mapped: PageSet, protect: boolean, tellHuge: boolean): Written {
    const pages = this.#pages.intersect(mapped);
    if (pages.isEmpty) return { pages, huge: pages };
    const armed = this.#armed.intersect(pages);
    const categoryMask = protect ? written : written | wpAllowed;
    const returnMask = written | zero | file | (tellHuge ? huge : 0);
    this.#found.reset();
    this.#scan.scanAll(pagemap, pages, {
      categoryMask,
      categoryAnyOfMask: exists,
      returnMask,
      protect,
    }, this.#found);
    const existing = this.#found.pagesWith(written);
    const lost = this.#lost(pagemap, pages, armed);
    const late = protect ? this.#arm(pagemap, pages, armed, existing, lost) : PageSet.empty;
    return {
      pages: existing.subtract(this.#onlyRead(this.#found).subtract(armed)).union(lost).union(late),
      huge: tellHuge ? this.#found.pagesWith(written | huge) : PageSet.empty,
    };
  }

  /** Pages in armed blocks that do not exist, and have no marker: their content was dropped. */
  #lost(pagemap: number, pages: PageSet, armed: PageSet): PageSet {
    if (armed.isEmpty) return armed;
    this.#missing.reset();
    const query = {
      categoryMask: wpAllowed | written | exists,
      categoryInverted: exists,
      returnMask: written,
    };
    // What is found beside them is as few regions as there are holes.
    const where = armed.runCount < pages.runCount ? armed : pages;
    this.#scan.scanAll(pagemap, where, query, this.#missing);
    return this.#missing.pagesWith(written).intersect(armed);
  }

  /**
   * Protects all pages of the blocks in which some exist.
   *
   * @returns what was written since the scan
   */
  #arm(
    pagemap: number,
    pages: PageSet,
    armed: PageSet,
    existing: PageSet,
    lost: PageSet,
  ): PageSet {
    const fresh = blocksOf(existing, this.#blockPages).intersect(pages).subtract(armed);
    // The page tables of blocks in which all was dropped may be gone.
    const kept = blocksOf(armed.subtract(lost), this.#blockPages).intersect(armed);
    const returnMask = written | exists | zero | file;
    this.#late.reset();
    const query = { categoryMask: written, returnMask, protect: true };
    this.#scan.scanAll(pagemap, fresh.union(lost.intersect(kept)), query, this.#late);
    this.#armed = kept.union(fresh);
    const late = this.#late.pagesWith(written | present).union(
      this.#late.pagesWith(written | swapped),
    );
    return late.subtract(this.#onlyRead(this.#late));
  }

  #onlyRead(found: Regions): PageSet {
    const zeros = found.pagesWith(written | zero);
    return zeros.union(found.pagesWith(written | file).intersect(this.#private));
  }
}
