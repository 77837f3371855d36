/**
 * How many pages were written since any window: what a hundred migrations that are replayed at a time
 * ask, each at other moments.
 *
 * @module
 */

import type { PageSet } from "../../core/page_set.ts";
import { BLOCK_PAGES, type BlockBudget, PageBlocks } from "../page_blocks.ts";

/**
 * Remembers of each page the last window in which it was written, and of each window how many pages
 * have it as their last. A page was written since a window if its last one does not lie before.
 */
export class Recency {
  /** The number of each page's last window, and one more. */
  readonly #last: PageBlocks<Uint32Array>;
  /** How many pages were written in each window, and in none after it until the current one. */
  readonly #counts: number[] = [];
  /** Of the pages of the current window, how many had each window as their last, or none, by number + 1. */
  #before = new Uint32Array(1024);
  /** The windows that any of them had, by number + 1. */
  readonly #touched: number[] = [];
  #pageCount = 0;
  #index = -1;

  /** @param budget of all processes */
  constructor(budget: BlockBudget) {
    this.#last = new PageBlocks(budget, () => new Uint32Array(BLOCK_PAGES));
  }

  /** The number of the current window; -1 if there is none yet. */
  get index(): number {
    return this.#index;
  }

  /**
   * Goes on to the next window.
   *
   * @throws SoftdirtyError if it would take more memory than there may be.
   */
  next(pages: PageSet): void {
    const counts = this.#counts;
    const touched = this.#touched;
    for (const told of touched) if (told > 0) counts[told - 1] -= this.#before[told];
    if (this.#index >= 0) counts[this.#index] = this.#pageCount;
    this.#pageCount = pages.pageCount;
    const told = ++this.#index + 1;
    if (told > this.#before.length) {
      const longer = new Uint32Array(this.#before.length * 2);
      longer.set(this.#before);
      this.#before = longer;
    }
    const before = this.#before;
    for (const window of touched) before[window] = 0;
    touched.length = 0;
    this.#last.visit(pages, (last, from, to) => {
      for (let i = from; i < to; i++) {
        if (before[last[i]]++ === 0) touched.push(last[i]);
        last[i] = told;
      }
    });
  }

  /**
   * How many pages were written from within an earlier window until within the current one, by
   * expectation. Whole windows are told exactly. Of those that are cut nobody knows which of their
   * pages were written in the part that counts: a page is taken to be among them with the
   * probability that is given, in the one apart from the other.
   *
   * @param first the number of the earlier window; of the current one, `lastChance` alone counts
   */
  written(first: number, firstChance: number, lastChance: number): number {
    if (first === this.#index) return this.#pageCount * lastChance;
    let [whole, known] = [0, 0];
    for (let window = first + 1; window < this.#index; window++) {
      whole += this.#counts[window];
      known += this.#before[window + 1];
    }
    const shared = this.#before[first + 1];
    const fresh = this.#pageCount - known - shared;
    // What the first window shares with the current one is missed only if neither part has it.
    return whole + this.#counts[first] * firstChance +
      lastChance * (fresh + shared * (1 - firstChance));
  }
}
