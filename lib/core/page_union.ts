/**
 * The union of many page sets, in time linear in their runs: a bitmap in blocks, and ranges of whole
 * blocks apart, so that neither scattered pages nor vast ranges take much memory.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { PageSet } from "./page_set.ts";
 * import { PageUnion } from "./page_union.ts";
 *
 * const union = new PageUnion();
 * union.add(PageSet.from([{ start: 3, end: 5 }]));
 * union.add(PageSet.from([{ start: 4, end: 2 ** 40 }]));
 * assert.deepEqual(union.toPageSet().toJSON(), [[3, 2 ** 40 - 3]]);
 * ```
 *
 * @module
 */

import { clear, countBits, fill, setBit } from "./bits.ts";
import { PAGE_NUMBER_LIMIT, type PageNumber, PageSet } from "./page_set.ts";

/** 32,768 pages: a bitmap of 4 KiB. */
const BLOCK_PAGES = 1 << 15;
const BLOCK_WORDS = BLOCK_PAGES / 32;

/** Collects pages. */
export class PageUnion {
  readonly #blocks = new Map<number, Int32Array>();
  /** Ranges of whole blocks. */
  #whole = PageSet.empty;
  #lastNumber = -1;
  #last: Int32Array = new Int32Array(0);

  /** Adds the pages of a set. */
  add({ edges }: PageSet): void {
    let number = this.#lastNumber;
    let first = number * BLOCK_PAGES;
    let block = this.#last;
    for (let i = 0; i < edges.length; i += 2) {
      const start = edges[i];
      const end = edges[i + 1];
      if (!(start >= first && end <= first + BLOCK_PAGES && number >= 0)) {
        number = Math.floor(start / BLOCK_PAGES);
        first = number * BLOCK_PAGES;
        if (end > first + BLOCK_PAGES) {
          this.#addLong(start, end);
          number = -1;
          continue;
        }
        block = this.#block(number);
      }
      const from = start - first | 0;
      if (end - start === 1) setBit(block, from);
      else fill(block, from, end - first | 0);
    }
    this.#lastNumber = number;
    this.#last = block;
  }

  /**
   * Adds the page that lies behind `skip` pages after another one.
   *
   * @returns that page
   * @throws RangeError if it is out of the address space.
   */
  addAfter(page: PageNumber, skip: number): PageNumber {
    const next = page + skip + 1;
    if (!(next < PAGE_NUMBER_LIMIT)) throw new RangeError(`There is no page ${next}`);
    const number = Math.floor(next / BLOCK_PAGES);
    setBit(this.#block(number), next - number * BLOCK_PAGES);
    return next;
  }

  /**
   * Adds a page, and does {@linkcode addAfter} for each of some numbers below 2^30, from page to page.
   *
   * @returns the last page
   * @throws RangeError if one is out of the address space.
   */
  addSkipping(page: PageNumber, skips: Int32Array): PageNumber {
    let first = Math.floor(page / BLOCK_PAGES) * BLOCK_PAGES;
    let within = page - first | 0;
    for (let i = 0;;) {
      if (first >= PAGE_NUMBER_LIMIT) throw new RangeError(`There is no page ${first + within}`);
      // What does not change in the inner loop is looked at once: that makes it a third faster.
      const block = this.#block(first / BLOCK_PAGES);
      while (within < BLOCK_PAGES) {
        setBit(block, within);
        if (i === skips.length) return first + within;
        within = within + skips[i++] + 1 | 0;
      }
      first += within - within % BLOCK_PAGES;
      within %= BLOCK_PAGES;
    }
  }

  /** Takes the pages of a set away. */
  remove(pages: PageSet): void {
    const { edges } = pages;
    const cut = this.#whole.intersect(pages);
    if (!cut.isEmpty) {
      this.#whole = this.#whole.subtract(pages);
      // What is left of a block of which only a part is taken is no whole block any more.
      const rest = this.#whole;
      this.#whole = PageSet.empty;
      for (const { start, end } of rest.runs()) this.#addLong(start, end);
    }
    for (let i = 0; i < edges.length; i += 2) {
      const [start, end] = [edges[i], edges[i + 1]];
      for (const number of this.#numbersIn(start, end)) {
        const block = this.#blocks.get(number);
        const first = number * BLOCK_PAGES;
        const from = Math.max(0, start - first);
        const to = Math.min(BLOCK_PAGES, end - first);
        if (block !== undefined && from < to) clear(block, from, to);
      }
    }
  }

  /** The blocks that there may be in a range: of a vast one, those that there are. */
  #numbersIn(start: PageNumber, end: PageNumber): Iterable<number> {
    const first = Math.floor(start / BLOCK_PAGES);
    const last = Math.floor((end - 1) / BLOCK_PAGES);
    return last - first > this.#blocks.size ? this.#blocks.keys() : numbers(first, last);
  }

  /** How many pages of a set are in the union; makes no set of it. */
  countOf({ edges }: PageSet): number {
    let count = 0;
    for (let i = 0; i < edges.length; i += 2) {
      const [start, end] = [edges[i], edges[i + 1]];
      count += this.#whole.countIn(start, end);
      for (const number of this.#numbersIn(start, end)) {
        const block = this.#blocks.get(number);
        const first = number * BLOCK_PAGES;
        const from = Math.max(0, start - first);
        const to = Math.min(BLOCK_PAGES, end - first);
        if (block === undefined || from >= to || this.#whole.has(first)) continue;
        count += countBits(block, from, to);
      }
    }
    return count;
  }

  /** The union as a set. */
  toPageSet(): PageSet {
    const edges: number[] = [];
    for (const number of [...this.#blocks.keys()].sort((a, b) => a - b)) {
      appendRuns(edges, this.#blocks.get(number)!, number * BLOCK_PAGES);
    }
    return PageSet.fromEdges(Float64Array.from(edges)).union(this.#whole);
  }

  /** A run that does not fit into one block. */
  #addLong(start: PageNumber, end: PageNumber): void {
    const wholeStart = Math.ceil(start / BLOCK_PAGES) * BLOCK_PAGES;
    const wholeEnd = Math.floor(end / BLOCK_PAGES) * BLOCK_PAGES;
    if (wholeStart < wholeEnd) {
      this.#whole = this.#whole.union(PageSet.from([{ start: wholeStart, end: wholeEnd }]));
    }
    if (start < wholeStart) this.#fill(start, wholeStart);
    if (wholeEnd < end) this.#fill(wholeEnd, end);
  }

  /** Pages within one block. */
  #fill(start: PageNumber, end: PageNumber): void {
    const number = Math.floor(start / BLOCK_PAGES);
    fill(this.#block(number), start - number * BLOCK_PAGES, end - number * BLOCK_PAGES);
  }

  #block(number: number): Int32Array {
    const known = this.#blocks.get(number);
    if (known !== undefined) return known;
    const block = new Int32Array(BLOCK_WORDS);
    this.#blocks.set(number, block);
    return block;
  }
}

function* numbers(first: number, last: number): Generator<number, void, void> {
  for (let number = first; number <= last; number++) yield number;
}

/** Appends the edges of the runs of a block, joined to what stands before. */
function appendRuns(edges: number[], block: Int32Array, first: PageNumber): void {
  let isIn = false;
  const turn = (page: PageNumber) => {
    if (!isIn && edges[edges.length - 1] === page) edges.pop();
    else edges.push(page);
    isIn = !isIn;
  };
  for (let i = 0; i < BLOCK_WORDS; i++) {
    const word = block[i];
    if (word === (isIn ? -1 : 0)) continue;
    for (let bit = 0; bit < 32; bit++) {
      if (((word >>> bit) & 1) === Number(isIn)) continue;
      turn(first + i * 32 + bit);
    }
  }
  if (isIn) turn(first + BLOCK_PAGES);
}
