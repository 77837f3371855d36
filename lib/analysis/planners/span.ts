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

  /** Adds a window, or so much of the last one. */
  add(pages: PageSet, share: number): void {
    if (share >= 1) this.#whole.add(pages);
    else [this.#cut, this.#share] = [pages, share];
  }

  /**
   * How many of some pages were written, by expectation. Of the window that is cut nobody knows which
   * pages were written in the part that counts: each is taken to be with the probability
   * `share ** growth`.
   *
   * @param growths for each, from 0, where each page of a cut window counts, to 1, where its share does
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
