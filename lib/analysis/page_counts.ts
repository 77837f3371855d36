/**
 * Counts for each page, in blocks of typed arrays where there is anything to count.
 *
 * @module
 */

import type { PageNumber, PageSet } from "../core/page_set.ts";

/** 4,096 pages: three arrays of 16 KiB. */
const BLOCK_PAGES = 1 << 12;

/** The counts of neighbouring pages. */
interface Block {
  readonly counts: Uint32Array;
  readonly first: Uint32Array;
  readonly last: Uint32Array;
}

/** Neighbouring pages that were added equally often, and first and last at the same moments. */
export interface CountedRun {
  readonly start: PageNumber;
  /** Exclusive. */
  readonly end: PageNumber;
  readonly count: number;
  /** The first and the last moment, as they were given. */
  readonly first: number;
  readonly last: number;
}

/** Counts how often, and at which moments, each page was added. */
export class PageCounts {
  readonly #blocks = new Map<number, Block>();

  /**
   * Adds the pages of a set.
   *
   * @param moment a whole number below 2^32 that does not fall from call to call
   */
  add({ edges }: PageSet, moment: number): void {
    for (let i = 0; i < edges.length; i += 2) {
      for (let page = edges[i]; page < edges[i + 1];) {
        const number = Math.floor(page / BLOCK_PAGES);
        const firstOfBlock = number * BLOCK_PAGES;
        const end = Math.min(edges[i + 1], firstOfBlock + BLOCK_PAGES);
        this.#addWithin(this.#block(number), page - firstOfBlock, end - firstOfBlock, moment);
        page = end;
      }
    }
  }

  #addWithin({ counts, first, last }: Block, from: number, to: number, moment: number): void {
    for (let i = from; i < to; i++) {
      if (counts[i]++ === 0) first[i] = moment;
      last[i] = moment;
    }
  }

  /** All pages that were added, ascending. */
  *runs(): Generator<CountedRun, void, void> {
    let [start, end, count, from, to] = [0, 0, 0, 0, 0];
    for (const number of [...this.#blocks.keys()].sort((a, b) => a - b)) {
      const { counts, first, last } = this.#blocks.get(number)!;
      for (let i = 0; i < BLOCK_PAGES; i++) {
        if (counts[i] === 0) continue;
        const page = number * BLOCK_PAGES + i;
        const goesOn = page === end && counts[i] === count && first[i] === from && last[i] === to;
        if (!goesOn) {
          if (count > 0) yield { start, end, count, first: from, last: to };
          [start, count, from, to] = [page, counts[i], first[i], last[i]];
        }
        end = page + 1;
      }
    }
    if (count > 0) yield { start, end, count, first: from, last: to };
  }

  #block(number: number): Block {
    const known = this.#blocks.get(number);
    if (known !== undefined) return known;
    const block = {
      counts: new Uint32Array(BLOCK_PAGES),
      first: new Uint32Array(BLOCK_PAGES),
      last: new Uint32Array(BLOCK_PAGES),
    };
    this.#blocks.set(number, block);
    return block;
  }
}
