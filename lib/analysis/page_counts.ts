/**
 * Counts for each page, in blocks of typed arrays where there is anything to count. Where that would
 * take too much memory, neighbouring pages are counted together.
 *
 * @module
 */

import { SoftdirtyError } from "../core/errors.ts";
import type { PageNumber, PageSet } from "../core/page_set.ts";

/** Cells of a block: few, since pages may be scattered. */
const BLOCK_CELLS = 64;

/** Of all processes: 50 MB of counts, for 16 GiB of pages of 4 KiB that lie together. */
const MOST_BLOCKS = 1 << 16;

/** Counts, then first and last moments. */
type Block = Uint32Array;

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

/** How many blocks all processes of a trace have together, and who has them. */
export class CountBudget {
  readonly #mostBlocks: number;
  readonly #all: PageCounts[] = [];
  #used = 0;

  constructor(mostBlocks = MOST_BLOCKS) {
    this.#mostBlocks = mostBlocks;
  }

  /** Cells that one process can have. */
  get mostCells(): number {
    return this.#mostBlocks * BLOCK_CELLS;
  }

  join(counts: PageCounts): void {
    this.#all.push(counts);
  }

  /** Has the largest of all count more pages together, if there are no more blocks. */
  take(): void {
    if (this.#used >= this.#mostBlocks) this.#makeRoom();
    this.#used++;
  }

  #makeRoom(): void {
    const mostKept = this.#mostBlocks * 0.75;
    const counted = () => this.#all.reduce((sum, { blockCount }) => sum + blockCount, 0);
    for (this.#used = counted(); this.#used > mostKept; this.#used = counted()) {
      const largest = this.#all.reduce((most, { blockCount }) => Math.max(most, blockCount), 0);
      if (largest <= 1) {
        throw new SoftdirtyError(
          "too-large",
          `More than ${
            Math.floor(mostKept)
          } processes wrote to pages, too many to count those of each`,
          "Choose some of them, as with -e 'pid == 1234'",
        );
      }
      for (const one of this.#all) if (one.blockCount > largest / 2) one.coarsen();
    }
  }
}

/** Counts how often, and at which moments, each page was added. */
export class PageCounts {
  readonly #budget: CountBudget;
  #blocks = new Map<number, Block>();
  #cellPages = 1;

  /** @param budget of all processes */
  constructor(budget: CountBudget) {
    this.#budget = budget;
    budget.join(this);
  }

  get blockCount(): number {
    return this.#blocks.size;
  }

  /** Pages that are counted together, as one of them: a power of two. */
  get cellPages(): number {
    return this.#cellPages;
  }

  /**
   * Adds the pages of a set.
   *
   * @param moment a whole number below 2^32 that does not fall from call to call
   */
  add({ edges }: PageSet, moment: number): void {
    for (let i = 0; i < edges.length; i += 2) {
      const [start, end] = [edges[i], edges[i + 1]];
      while ((end - start) / this.#cellPages > this.#budget.mostCells / 2) this.coarsen();
      for (let page = start; page < end;) {
        let cell = Math.floor(page / this.#cellPages);
        let number = Math.floor(cell / BLOCK_CELLS);
        let block = this.#blocks.get(number);
        if (block === undefined) {
          this.#budget.take();
          // Cells may have become larger by that.
          cell = Math.floor(page / this.#cellPages);
          number = Math.floor(cell / BLOCK_CELLS);
          block = this.#blocks.get(number) ?? this.#newBlock(number);
        }
        const last = Math.floor((end - 1) / this.#cellPages) - number * BLOCK_CELLS;
        const to = Math.min(BLOCK_CELLS, last + 1);
        for (let n = cell - number * BLOCK_CELLS; n < to; n++) addTo(block, n, moment);
        page = (number * BLOCK_CELLS + to) * this.#cellPages;
      }
    }
  }

  #newBlock(number: number): Block {
    const block = new Uint32Array(BLOCK_CELLS * 3);
    this.#blocks.set(number, block);
    return block;
  }

  /** Has twice as many pages counted together. */
  coarsen(): void {
    this.#cellPages *= 2;
    const before = this.#blocks;
    this.#blocks = new Map();
    for (const [number, block] of before) {
      const half = Math.floor(number / 2);
      const other = this.#blocks.get(half);
      // Mostly there is none: then no other array is needed.
      if (other === undefined) this.#blocks.set(half, block);
      mergePairs(other ?? block, number % 2, block);
    }
  }

  /** All pages that were added, ascending. */
  *runs(): Generator<CountedRun, void, void> {
    let [start, end, count, from, to] = [0, 0, 0, 0, 0];
    for (const number of [...this.#blocks.keys()].sort((a, b) => a - b)) {
      const block = this.#blocks.get(number)!;
      for (let i = 0; i < BLOCK_CELLS; i++) {
        if (block[i] === 0) continue;
        const page = (number * BLOCK_CELLS + i) * this.#cellPages;
        const [first, last] = [block[BLOCK_CELLS + i], block[2 * BLOCK_CELLS + i]];
        const goesOn = page === end && block[i] === count && first === from && last === to;
        if (!goesOn) {
          if (count > 0) yield { start, end, count, first: from, last: to };
          [start, count, from, to] = [page, block[i], first, last];
        }
        end = page + this.#cellPages;
      }
    }
    if (count > 0) yield { start, end, count, first: from, last: to };
  }
}

/** A moment counts once, whichever pages of the cell were added then. */
function addTo(block: Block, cell: number, moment: number): void {
  const count = block[cell];
  if (count > 0 && block[2 * BLOCK_CELLS + cell] === moment) return;
  if (count === 0) block[BLOCK_CELLS + cell] = moment;
  block[cell] = count + 1;
  block[2 * BLOCK_CELLS + cell] = moment;
}

/** Merges the pairs of a block into the first or the second half of one, which may be itself. */
function mergePairs(to: Block, half: number, from: Block): void {
  const count = BLOCK_CELLS / 2;
  // In this order nothing is overwritten that is still to be read.
  if (half === 0) { for (let n = 0; n < count; n++) mergeInto(to, n, from, 2 * n); }
  else for (let n = count - 1; n >= 0; n--) mergeInto(to, count + n, from, 2 * n);
  if (to === from) to.fill(0, (1 - half) * count, (2 - half) * count);
}

/**
 * Makes one cell of two: as often as the one that was added more often, which is the least for both.
 * A cell with a count of 0 has no moments: what the array holds there is of cells before it.
 */
function mergeInto(to: Block, cell: number, from: Block, pair: number): void {
  const [a, b] = [from[pair], from[pair + 1]];
  const first = BLOCK_CELLS;
  const last = 2 * BLOCK_CELLS;
  to[cell] = Math.max(a, b);
  if (a > 0 && b > 0) {
    to[first + cell] = Math.min(from[first + pair], from[first + pair + 1]);
    to[last + cell] = Math.max(from[last + pair], from[last + pair + 1]);
  } else if (a + b > 0) {
    const one = a > 0 ? pair : pair + 1;
    to[first + cell] = from[first + one];
    to[last + cell] = from[last + one];
  }
}
