/**
 * Typed arrays for pages one by one, in blocks where there is anything, and no more than fit in memory.
 *
 * @module
 */

import { SoftdirtyError } from "../core/errors.ts";
import type { PageSet } from "../core/page_set.ts";

/** Pages of a block: small, since pages may be scattered. */
export const BLOCK_PAGES = 1 << 8;

/** Of all processes: 64 GiB in pages of 4 KiB. What claims to have more is to be looked at in parts. */
const MOST_BLOCKS = 1 << 16;

/** How many blocks all processes of a trace may have together. */
export class BlockBudget {
  #left = MOST_BLOCKS;

  /** @throws SoftdirtyError if there are no more. */
  take(): void {
    if (this.#left-- <= 0) throw tooMany();
  }
}

/** Blocks of one kind. */
export class PageBlocks<T> {
  readonly #budget: BlockBudget;
  readonly #create: () => T;
  readonly #blocks = new Map<number, T>();

  constructor(budget: BlockBudget, create: () => T) {
    this.#budget = budget;
    this.#create = create;
  }

  /**
   * Visits the parts of a set, each within one block: from `from` to before `to`.
   *
   * @throws SoftdirtyError if it would take more memory than there may be.
   */
  visit({ edges }: PageSet, visit: (block: T, from: number, to: number) => void): void {
    for (let i = 0; i < edges.length; i += 2) {
      if (edges[i + 1] - edges[i] > MOST_BLOCKS * BLOCK_PAGES) throw tooMany();
      for (let page = edges[i]; page < edges[i + 1];) {
        const number = Math.floor(page / BLOCK_PAGES);
        const first = number * BLOCK_PAGES;
        const end = Math.min(edges[i + 1], first + BLOCK_PAGES);
        visit(this.#block(number), page - first, end - first);
        page = end;
      }
    }
  }

  #block(number: number): T {
    const known = this.#blocks.get(number);
    if (known !== undefined) return known;
    this.#budget.take();
    const block = this.#create();
    this.#blocks.set(number, block);
    return block;
  }
}

function tooMany(): SoftdirtyError {
  return new SoftdirtyError(
    "too-large",
    `Dirty pages lie in more than ${MOST_BLOCKS} stretches of ${BLOCK_PAGES} pages, too many to ` +
      "look at each",
    "Narrow the snapshots, as with -e 'mapping == \"[heap]\"'",
  );
}
