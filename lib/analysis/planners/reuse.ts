/**
 * When the pages of a window were written before.
 *
 * @module
 */

import type { PageSet } from "../../core/page_set.ts";
import { type BlockBudget, PageNumbers } from "../page_blocks.ts";

/** The pages of a window by their age: how many windows ago they were last written. */
export interface Reuse {
  readonly pageCount: number;
  /** Each age that a page has, once, from 1. Pages that were not written before have none. */
  readonly ages: ArrayLike<number>;
  /** How many pages have each of these ages. */
  readonly counts: ArrayLike<number>;
}

/** Remembers of each page the last window in which it was written. */
export class LastWindows {
  /** The number of each page's last window, from 1; 0 if there is none. */
  readonly #last: PageNumbers;
  /** Pages by age, for one window at a time. */
  readonly #counts: Uint32Array;
  #number = 0;

  /**
   * @param budget of all processes
   * @param windowCount how many windows pass until the first one comes again
   */
  constructor(budget: BlockBudget, windowCount: number) {
    this.#counts = new Uint32Array(windowCount + 1);
    this.#last = new PageNumbers(budget);
  }

  /**
   * Advances to the next window.
   *
   * @throws SoftdirtyError if it would take more memory than is allowed.
   */
  next(pages: PageSet): Reuse {
    const number = ++this.#number;
    const byAge = this.#counts;
    const ages: number[] = [];
    this.#last.visit(pages, (last, from, to) => {
      for (let i = from; i < to; i++) {
        const age = number - last[i];
        if (last[i] > 0 && byAge[age]++ === 0) ages.push(age);
        last[i] = number;
      }
    });
    const counts = ages.map((age) => byAge[age]);
    for (const age of ages) byAge[age] = 0;
    return { pageCount: pages.pageCount, ages, counts };
  }
}
