/**
 * How many pages are written in a time that begins and ends within windows.
 *
 * @module
 */

import { PageSet } from "../../core/page_set.ts";
import { PageUnion } from "../../core/page_union.ts";

/** A window, or a part of one. */
interface Part {
  readonly pages: PageSet;
  /** How much of the window it is, up to 1. */
  readonly share: number;
}

/**
 * Unites whole windows exactly. Of the two that are cut, at the beginning and at the end, nobody knows
 * which of their pages were written in the part that counts: a page is taken to be among them with the
 * probability `share ** growth`, one apart from the other.
 */
export class Span {
  readonly #whole = new PageUnion();
  readonly #cut: Part[] = [];

  /** Adds a window, or so much of it. */
  add(pages: PageSet, share: number): void {
    if (share >= 1) this.#whole.add(pages);
    else if (share > 0) this.#cut.push({ pages, share });
  }

  /**
   * How many pages were written, by expectation.
   *
   * @param growth from 0, where each page of a cut window counts, to 1, where its share does
   * @param of count these alone
   */
  pageCount(growth: number, of?: PageSet): number {
    const within = (pages: PageSet) => of === undefined ? pages : pages.intersect(of);
    const whole = within(this.#whole.toPageSet());
    let count = whole.pageCount;
    let before: { readonly pages: PageSet; readonly chance: number } | undefined;
    for (const { pages: all, share } of this.#cut) {
      const pages = within(all).subtract(whole);
      const chance = share ** growth;
      const shared = before === undefined ? 0 : before.pages.intersect(pages).pageCount;
      count += chance * (pages.pageCount - shared * (before?.chance ?? 0));
      before = { pages, chance };
    }
    return count;
  }
}
