/**
 * Counts of dirty pages for blocks of the address space and columns of time, of which the blocks grow
 * when there are too many of them.
 *
 * @module
 */

import type { PageNumber, PageSet } from "../core/page_set.ts";
import { halve } from "./time_columns.ts";

/** Counts of neighbouring pages. */
export interface HeatBlock {
  readonly start: PageNumber;
  /** Exclusive. */
  readonly end: PageNumber;
  /** For each column, the dirty pages of all its windows; it may end where only zeros follow. */
  readonly counts: Float64Array;
  /** A page of it that was dirty, and when that was, the last time. */
  readonly lastPage: PageNumber;
  readonly lastMoment: number;
}

/** Of all processes: counts of 64 MB. */
const MOST_CELLS = 1 << 23;

/** How many cells, blocks by columns, all processes of a trace have together. */
export class CellBudget {
  readonly #mostCells: number;
  readonly #all: HeatBlocks[] = [];
  #used = 0;

  constructor(mostCells = MOST_CELLS) {
    this.#mostCells = mostCells;
  }

  join(blocks: HeatBlocks): void {
    this.#all.push(blocks);
  }

  /** Has the blocks of those grow that have most cells, if there are too many. */
  take(cells: number): void {
    this.#used += cells;
    if (this.#used <= this.#mostCells) return;
    const counted = () => this.#all.reduce((sum, { cellCount }) => sum + cellCount, 0);
    for (this.#used = counted(); this.#used > this.#mostCells * 0.75; this.#used = counted()) {
      const largest = this.#all.reduce((most, { cellCount }) => Math.max(most, cellCount), 0);
      let isSmaller = false;
      for (const one of this.#all) {
        if (one.cellCount > largest / 2) isSmaller = one.grow() || isSmaller;
      }
      if (!isSmaller) return; // each has one block
    }
  }
}

type Counted = { -readonly [field in "counts" | "lastPage" | "lastMoment"]: HeatBlock[field] };

/** Blocks of one size; those in which nothing was dirty are left out. */
export class HeatBlocks {
  readonly #mostBlocks: number;
  readonly #budget: CellBudget;
  /** As many as there are, and up to twice that. */
  #columns = 1;
  #blocks = new Map<number, Counted>();
  #blockPages = 1;

  /**
   * @param mostBlocks blocks grow when there are more
   * @param budget of all processes
   */
  constructor(mostBlocks: number, budget = new CellBudget()) {
    this.#mostBlocks = mostBlocks;
    this.#budget = budget;
    budget.join(this);
  }

  /** Blocks by columns. */
  get cellCount(): number {
    return this.#blocks.size * this.#columns;
  }

  /**
   * Adds the pages of a window.
   *
   * @param moment does not fall from call to call
   */
  add(pages: PageSet, column: number, moment: number): void {
    if (column >= this.#columns) {
      const before = this.cellCount;
      while (column >= this.#columns) this.#columns *= 2;
      this.#budget.take(this.cellCount - before);
    }
    // First, so that a vast range is not counted block by block.
    while (this.#touched(pages) > this.#mostBlocks) this.grow();
    const before = this.cellCount;
    const { edges } = pages;
    for (let i = 0; i < edges.length; i += 2) {
      for (let page = edges[i]; page < edges[i + 1];) {
        const number = Math.floor(page / this.#blockPages);
        const end = Math.min(edges[i + 1], (number + 1) * this.#blockPages);
        const block = this.#block(number);
        if (column >= block.counts.length) block.counts = longer(block.counts, this.#columns);
        block.counts[column] += end - page;
        block.lastPage = page;
        block.lastMoment = moment;
        page = end;
      }
    }
    while (this.#blocks.size > this.#mostBlocks) this.grow();
    this.#budget.take(Math.max(0, this.cellCount - before));
  }

  /** Makes one column of each two; the latter half is empty then. */
  halveColumns(): void {
    for (const { counts } of this.#blocks.values()) halve(counts);
  }

  /** By address, ascending. */
  all(): HeatBlock[] {
    return [...this.#blocks].sort(([a], [b]) => a - b).map(([number, counted]) => ({
      start: number * this.#blockPages,
      end: (number + 1) * this.#blockPages,
      ...counted,
    }));
  }

  /** How many blocks have pages of a set, counted no further than is too many. */
  #touched({ edges }: PageSet): number {
    let [count, last] = [0, -1];
    for (let i = 0; i < edges.length && count <= this.#mostBlocks; i += 2) {
      const first = Math.max(last + 1, Math.floor(edges[i] / this.#blockPages));
      last = Math.floor((edges[i + 1] - 1) / this.#blockPages);
      count += Math.max(0, last - first + 1);
    }
    return count;
  }

  #block(number: number): Counted {
    const known = this.#blocks.get(number);
    if (known !== undefined) return known;
    const block = { counts: new Float64Array(0), lastPage: 0, lastMoment: 0 };
    this.#blocks.set(number, block);
    return block;
  }

  /** Makes one block of each two; false if that leaves as many. */
  grow(): boolean {
    const { size } = this.#blocks;
    this.#blockPages *= 2;
    const grown = new Map<number, Counted>();
    for (const [number, block] of this.#blocks) {
      const half = Math.floor(number / 2);
      const other = grown.get(half);
      if (other === undefined) {
        grown.set(half, block);
        continue;
      }
      if (block.counts.length > other.counts.length) {
        other.counts = longer(other.counts, block.counts.length);
      }
      for (let i = 0; i < block.counts.length; i++) other.counts[i] += block.counts[i];
      if (block.lastMoment < other.lastMoment) continue;
      other.lastPage = block.lastPage;
      other.lastMoment = block.lastMoment;
    }
    this.#blocks = grown;
    return grown.size < size;
  }
}

function longer(counts: Float64Array, length: number): Float64Array {
  const grown = new Float64Array(length);
  grown.set(counts);
  return grown;
}
