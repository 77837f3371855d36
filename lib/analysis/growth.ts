/**
 * How the number of pages that are written grows with time.
 *
 * @module
 */

import { PageSet } from "../core/page_set.ts";
import { log2 } from "./exact_math.ts";

/**
 * Finds the power of time with which pages grow, by windows alone and with the next one: the first two
 * points of the curve of the writable working set. From 0 (the same pages again and again) to 1 (always
 * other ones).
 */
export class Growth {
  #before: PageSet | undefined;
  #single = 0;
  #double = 0;

  /** Adds what was written in the next window. */
  add(pages: PageSet): void {
    const before = this.#before;
    if (before !== undefined) {
      this.#single += (before.pageCount + pages.pageCount) / 2;
      this.#double += before.union(pages).pageCount;
    }
    this.#before = pages;
  }

  /** 1 if nothing shows it, as where there is one window alone. */
  get value(): number {
    return this.#single === 0 ? 1 : log2(this.#double / this.#single);
  }
}
