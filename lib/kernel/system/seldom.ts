/**
 * Lets what is costly be done only so often that it takes a small share of the time.
 *
 * @module
 */

import type { MonotonicClock } from "../../core/tracker.ts";

/** How often: after it took a time, it is not done again for this many times as long. */
const TIMES_AS_LONG = 100;

/** Something that may take 1 % of the time. */
export class Seldom {
  readonly #nowNs: MonotonicClock;
  readonly #leastNs: number;
  readonly #mostNs: number;
  #nextNs = 0;

  /**
   * @param pause the least and the most time, in nanoseconds, between two of them: what is known to take
   * little may have taken longer the first time
   */
  constructor(
    nowNs: MonotonicClock,
    { leastNs = 0, mostNs = Infinity }: {
      readonly leastNs?: number | undefined;
      readonly mostNs?: number | undefined;
    } = {},
  ) {
    this.#nowNs = nowNs;
    this.#leastNs = leastNs;
    this.#mostNs = mostNs;
  }

  /** Does it, unless it is too early; undefined then. */
  try<T>(action: () => T): T | undefined {
    const startNs = this.#nowNs();
    if (startNs < this.#nextNs) return undefined;
    const result = action();
    const endNs = this.#nowNs();
    const pauseNs = Math.max(this.#leastNs, (endNs - startNs) * TIMES_AS_LONG);
    this.#nextNs = endNs + Math.min(this.#mostNs, pauseNs);
    return result;
  }
}
