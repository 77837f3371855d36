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
  /** For each column, the dirty pages of all its windows. */
  readonly counts: Float64Array;
  /** A page of it that was dirty, and when that was, the last time. */
  readonly lastPage: PageNumber;
  readonly lastMoment: number;
}

type Counted = { -readonly [field in "counts" | "lastPage" | "lastMoment"]: HeatBlock[field] };

/** Blocks of one size; those in which nothing was dirty are left out. */
export class HeatBlocks {
  readonly #mostBlocks: number;
  readonly #mostColumns: number;
  #blocks = new Map<number, Counted>();
  #blockPages = 1;

  /**
   * @param mostBlocks blocks grow when there are more
   * @param mostColumns an even number
   */
  constructor(mostBlocks: number, mostColumns: number) {
    this.#mostBlocks = mostBlocks;
    this.#mostColumns = mostColumns;
  }

  /**
   * Adds the pages of a window.
   *
   * @param moment does not fall from call to call
   */
  add(pages: PageSet, column: number, moment: number): void {
    // First, so that a vast range is not counted block by block.
    while (this.#touched(pages) > this.#mostBlocks) this.#grow();
    const { edges } = pages;
    for (let i = 0; i < edges.length; i += 2) {
      for (let page = edges[i]; page < edges[i + 1];) {
        const number = Math.floor(page / this.#blockPages);
        const end = Math.min(edges[i + 1], (number + 1) * this.#blockPages);
        const block = this.#block(number);
        block.counts[column] += end - page;
        block.lastPage = page;
        block.lastMoment = moment;
        page = end;
      }
    }
    while (this.#blocks.size > this.#mostBlocks) this.#grow();
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
    const block = { counts: new Float64Array(this.#mostColumns), lastPage: 0, lastMoment: 0 };
    this.#blocks.set(number, block);
    return block;
  }

  #grow(): void {
    this.#blockPages *= 2;
    const grown = new Map<number, Counted>();
    for (const [number, block] of this.#blocks) {
      const half = Math.floor(number / 2);
      const other = grown.get(half);
      if (other === undefined) {
        grown.set(half, block);
        continue;
      }
      for (let i = 0; i < block.counts.length; i++) other.counts[i] += block.counts[i];
      if (block.lastMoment < other.lastMoment) continue;
      other.lastPage = block.lastPage;
      other.lastMoment = block.lastMoment;
    }
    this.#blocks = grown;
  }
}
