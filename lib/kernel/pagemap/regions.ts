/**
 * What PAGEMAP_SCAN found: the kernel's `struct page_region`s, kept without an object for each.
 *
 * @module
 */

import { type PageNumber, PageSet } from "../../core/page_set.ts";

/** The size of a `struct page_region`: start, end, categories. */
export const REGION_BYTES = 24;
/** The same, in words of 32 bits. */
export const REGION_WORDS = REGION_BYTES / 4;

const HALF = 2 ** 32;

/** Neighbouring pages that have the same categories, ascending. */
export class Regions {
  /** Start and end of each. */
  #edges = new Float64Array(2048);
  #categories = new Uint16Array(1024);
  #length = 0;
  /** The categories that any of them has, and those that all have. */
  #inSome = 0;
  #inAll = ~0;

  /** How many there are. */
  get length(): number {
    return this.#length;
  }

  /** Forgets all of them. */
  reset(): void {
    this.#length = 0;
    this.#inSome = 0;
    this.#inAll = ~0;
  }

  /**
   * Adds `count` of the kernel's `struct page_region`, which begin at the first of `words` and lie behind
   * what was added before.
   */
  addRegions(words: Uint32Array, count: number, pageSizeBytes: number): void {
    this.#reserve(count);
    const edges = this.#edges;
    const categories = this.#categories;
    const wordCount = count * REGION_WORDS;
    let length = this.#length;
    let inSome = this.#inSome;
    let inAll = this.#inAll;
    for (let at = 0; at < wordCount; at += REGION_WORDS) {
      const start = (words[at] + words[at + 1] * HALF) / pageSizeBytes;
      const found = words[at + 4];
      // The kernel cuts where a buffer of its own is full.
      const isCut = length > 0 && edges[length * 2 - 1] === start &&
        categories[length - 1] === found;
      if (!isCut) {
        edges[length * 2] = start;
        categories[length++] = found;
        inSome |= found;
        inAll &= found;
      }
      edges[length * 2 - 1] = (words[at + 2] + words[at + 3] * HALF) / pageSizeBytes;
    }
    this.#length = length;
    this.#inSome = inSome;
    this.#inAll = inAll;
  }

  /** Where the last one ends; 0 if there is none. */
  get end(): PageNumber {
    return this.#length === 0 ? 0 : this.#edges[this.#length * 2 - 1];
  }

  /** The pages that have all of `wanted` and none of `unwanted`. */
  pagesWith(wanted: number, unwanted = 0): PageSet {
    const mask = wanted | unwanted;
    if (this.#inSome === this.#inAll) {
      // All are alike, so no two touch.
      if ((this.#inAll & mask) !== wanted) return PageSet.empty;
      return PageSet.fromAscending(this.#edges.slice(0, this.#length * 2));
    }
    const regions = this.#edges;
    const categories = this.#categories;
    const count = this.#length;
    const edges = new Float64Array(count * 2);
    let length = 0;
    for (let i = 0; i < count; i++) {
      if ((categories[i] & mask) !== wanted) continue;
      const start = regions[i * 2];
      if (length > 0 && edges[length - 1] === start) length--;
      else edges[length++] = start;
      edges[length++] = regions[i * 2 + 1];
    }
    if (length === 0) return PageSet.empty;
    return PageSet.fromAscending(length === edges.length ? edges : edges.slice(0, length));
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#categories.length) return;
    const capacity = Math.max(needed, this.#categories.length * 2);
    const edges = new Float64Array(capacity * 2);
    const categories = new Uint16Array(capacity);
    edges.set(this.#edges);
    categories.set(this.#categories);
    this.#edges = edges;
    this.#categories = categories;
  }
}
