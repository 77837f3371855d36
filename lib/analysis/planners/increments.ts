/**
 * What incremental checkpoints hold, made at one interval.
 *
 * @module
 */

import type { PageSet } from "../../core/page_set.ts";
import { PageUnion } from "../../core/page_union.ts";
import { type Distribution, distribution } from "../distribution.ts";

/** What was written since a checkpoint; several series that made their last one together share it. */
export class Increment {
  readonly #union = new PageUnion();
  /** How many windows are in it. */
  #windowCount = 0;

  /** Adds the next window, which each series hands in. */
  add(pages: PageSet, number: number): void {
    if (number < this.#windowCount) return;
    this.#windowCount++;
    this.#union.add(pages);
  }

  countOf(memory: PageSet): number {
    return this.#union.countOf(memory);
  }
}

/** Checkpoints at one interval, made as windows come. */
export class IncrementSeries {
  readonly intervalNs: number;
  readonly pageCounts: number[] = [];
  #totalNs = 0;
  #increment: Increment;
  #windowCount = 0;
  #sinceNs = 0;

  constructor(intervalNs: number, first: Increment) {
    this.intervalNs = intervalNs;
    this.#increment = first;
  }

  /**
   * @param memory what exists at the end of the window: what was written and is gone is not saved
   * @param next makes the increment that begins if the window ends one; the same for all series
   */
  add(pages: PageSet, durationNs: number, memory: PageSet, next: () => Increment): void {
    this.#increment.add(pages, this.#windowCount++);
    this.#sinceNs += durationNs;
    // The end of the window that is nearest to what was asked for.
    if (this.#sinceNs + durationNs / 2 <= this.intervalNs) return;
    this.pageCounts.push(this.#increment.countOf(memory));
    this.#totalNs += this.#sinceNs;
    this.#increment = next();
    this.#windowCount = 0;
    this.#sinceNs = 0;
  }

  /** Undefined if the trace is shorter. */
  get sizes(): Sizes | undefined {
    const { intervalNs, pageCounts } = this;
    const count = pageCounts.length;
    if (count === 0) return undefined;
    const meanPages = pageCounts.reduce((sum, pages) => sum + pages) / count;
    const meanIntervalNs = this.#totalNs / count;
    return { intervalNs, meanIntervalNs, pages: distribution(pageCounts), meanPages };
  }
}

/** How large checkpoints are that are made so often. */
export interface Sizes {
  readonly intervalNs: number;
  readonly meanIntervalNs: number;
  readonly pages: Distribution;
  readonly meanPages: number;
}
