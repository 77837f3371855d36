/**
 * How many pages were written since any window: what a hundred migrations that are replayed at a time
 * ask, each at other moments.
 *
 * @module
 */

import type { Reuse } from "./reuse.ts";

const NOTHING: Reuse = { pageCount: 0, ages: [], counts: [] };

/**
 * Knows of each window how many pages have it as the last in which they were written. A page was
 * written since a window if its last one does not lie before.
 */
export class Recency {
  /**
   * How many pages were written in each of the last windows, and in none after it until the current
   * one; that of a window is at its number modulo the length.
   */
  readonly #lastIn: Float64Array;
  #current = NOTHING;
  #index = -1;

  /** @param windowCount how many windows pass until the first one comes again */
  constructor(windowCount: number) {
    // The end of a round is in nanoseconds, and rounding can move it into the next window.
    this.#lastIn = new Float64Array(windowCount + 2);
  }

  /** The number of the current window; -1 if there is none yet. */
  get index(): number {
    return this.#index;
  }

  /** Advances to the next window. */
  next(reuse: Reuse): void {
    const { pageCount, ages, counts } = this.#current;
    const { length } = this.#lastIn;
    for (let i = 0; i < ages.length; i++) {
      this.#lastIn[(this.#index - ages[i]) % length] -= counts[i];
    }
    if (this.#index >= 0) this.#lastIn[this.#index % length] = pageCount;
    this.#current = reuse;
    this.#index++;
  }

  /**
   * The expected number of pages that were written from within an earlier window until within the
   * current one. Whole windows are counted exactly. For the two windows that are cut, it is unknown which
   * of their pages were written in the part that counts: each page is counted with the given probability,
   * independently in the two windows.
   *
   * @param first the number of the earlier window, which is at most as many windows back as there are;
   *   for the current window, only `lastChance` counts
   */
  written(first: number, firstChance: number, lastChance: number): number {
    const { pageCount, ages, counts } = this.#current;
    const span = this.#index - first;
    if (span === 0) return pageCount * lastChance;
    const { length } = this.#lastIn;
    let [whole, known, shared] = [0, 0, 0];
    for (let window = first + 1; window < this.#index; window++) {
      whole += this.#lastIn[window % length];
    }
    for (let i = 0; i < ages.length; i++) {
      if (ages[i] < span) known += counts[i];
      else if (ages[i] === span) shared += counts[i];
    }
    const fresh = pageCount - known - shared;
    // What the first window shares with the current one is missed only if neither part has it.
    return whole + this.#lastIn[first % length] * firstChance +
      lastChance * (fresh + shared * (1 - firstChance));
  }
}
