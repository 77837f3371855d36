/**
 * Builds a {@linkcode PageSet} in one ascending pass, without an object per run.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { PageSetBuilder } from "./page_set_builder.ts";
 *
 * const builder = new PageSetBuilder();
 * builder.toggle(3);
 * builder.toggle(5);
 * assert.equal(builder.build().pageCount, 2);
 * ```
 *
 * @module
 */

import { type PageNumber, PageSet } from "./page_set.ts";

/** Collects the edges of a set. */
export class PageSetBuilder {
  #edges = new Float64Array(16);
  #length = 0;

  /**
   * Starts a run at `page`, or ends the open one before it. Pages must not descend; a run that ends
   * where the next one starts is joined with it.
   */
  toggle(page: PageNumber): void {
    const length = this.#length;
    if (length > 0 && this.#edges[length - 1] === page) {
      this.#length = length - 1;
      return;
    }
    if (length === this.#edges.length) this.#grow();
    this.#edges[length] = page;
    this.#length = length + 1;
  }

  /**
   * The set of what was added; the builder can go on afterwards.
   *
   * @throws RangeError if the last run has no end or pages did not ascend.
   */
  build(): PageSet {
    return PageSet.fromEdges(this.#edges.slice(0, this.#length));
  }

  #grow(): void {
    const larger = new Float64Array(this.#edges.length * 2);
    larger.set(this.#edges);
    this.#edges = larger;
  }
}
