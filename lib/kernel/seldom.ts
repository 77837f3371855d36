/**
 * Lets what is costly be done only so often that it takes a small share of the time.
 *
 * @module
 */

import type { MonotonicClock } from "./soft_dirty.ts";

/** How often: after it took a time, it is not done again for this many times as long. */
const TIMES_AS_LONG = 100;

/** Something that may take 1 % of the time. */
export class Seldom {
  readonly #nowNs: MonotonicClock;
  readonly #leastNs: number;
  #nextNs = 0;

  /** @param leastNs the least time, in nanoseconds, between two of them */
  constructor(nowNs: MonotonicClock, leastNs = 0) {
    this.#nowNs = nowNs;
    this.#leastNs = leastNs;
  }

  /** Does it, unless it is too early; undefined then. */
  try<T>(action: () => T): T | undefined {
    const startNs = this.#nowNs();
    if (startNs < this.#nextNs) return undefined;
    const result = action();
    const endNs = this.#nowNs();
    this.#nextNs = endNs + Math.max(this.#leastNs, (endNs - startNs) * TIMES_AS_LONG);
    return result;
  }
}
