/**
 * Counts for each page, in blocks of typed arrays where there is anything to count.
 *
 * @module
 */

import type { PageNumber, PageSet } from "../core/page_set.ts";
import { BLOCK_PAGES, type BlockBudget, PageBlocks } from "./page_blocks.ts";

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
  readonly #blocks: PageBlocks<Block>;

  /** @param budget of all processes */
  constructor(budget: BlockBudget) {
    this.#blocks = new PageBlocks(budget, () => ({
      counts: new Uint32Array(BLOCK_PAGES),
      first: new Uint32Array(BLOCK_PAGES),
      last: new Uint32Array(BLOCK_PAGES),
    }));
  }

  /**
   * Adds the pages of a set.
   *
   * @param moment a whole number below 2^32 that does not fall from call to call
   * @throws SoftdirtyError if it would take more memory than there may be.
   */
  add(pages: PageSet, moment: number): void {
    this.#blocks.visit(pages, (block, from, to) => this.#addWithin(block, from, to, moment));
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
    for (const { first: firstPage, block: { counts, first, last } } of this.#blocks.all()) {
      for (let i = 0; i < BLOCK_PAGES; i++) {
        if (counts[i] === 0) continue;
        const page = firstPage + i;
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
}
