/**
 * How many pages are written in a time that ends within a window.
 *
 * @module
 */

import { PageSet } from "../../core/page_set.ts";
import { PageUnion } from "../../core/page_union.ts";
import { power } from "../exact_math.ts";

/** Unites whole windows, and counts a share of the last one. */
export class Span {
  readonly #whole = new PageUnion();
  #cut = PageSet.empty;
  #share = 0;

  /** Adds a window, or, with a share below 1, that part of the last one. */
  add(pages: PageSet, share: number): void {
    if (share >= 1) this.#whole.add(pages);
    else [this.#cut, this.#share] = [pages, share];
  }

  /**
   * The expected number of pages of a set that were written. For the window that is cut, it is unknown
   * which pages were written in the part that counts: each is counted with the probability
   * `share ** growth`.
   *
   * @param growths one result for each, from 0 (each page of a cut window counts) to 1 (its share counts)
   */
  pageCounts(of: PageSet, growths: readonly number[]): number[] {
    const whole = this.#whole.countOf(of);
    const cut = this.#cut.intersect(of);
    const fresh = cut.pageCount - this.#whole.countOf(cut);
    return growths.map((growth) =>
      this.#share === 0 ? whole : whole + fresh * power(this.#share, growth)
    );
  }
}
