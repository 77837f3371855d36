/**
 * Where a series of vectors changes.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { changePoints } from "./change_points.ts";
 *
 * const series = { dimensions: 1, values: Float64Array.of(1, 1, 1, 1, 5, 5, 5, 5) };
 * assert.deepEqual(changePoints(series, { penalty: 1, leastLength: 2 }), [4]);
 * ```
 *
 * @module
 */

/** Vectors of the same number of dimensions, one after the other. */
export interface Series {
  readonly dimensions: number;
  readonly values: Float64Array;
}

/** When a change is one. */
export interface ChangeOptions {
  /** By how much a change has to lower the sum of squared distances to the means of its parts. */
  readonly penalty: number;
  /** No part is shorter. */
  readonly leastLength: number;
}

/**
 * Cuts a series into parts, so that the squared distances of all vectors to the means of their parts,
 * and a penalty for each part, come to the least sum there is. Found exactly by PELT (R. Killick and
 * others, "Optimal Detection of Changepoints With a Linear Computational Cost", JASA 2012).
 *
 * @returns where parts begin, ascending, the first one left out
 */
export function changePoints(series: Series, { penalty, leastLength }: ChangeOptions): number[] {
  const count = series.values.length / series.dimensions;
  const costs = new SegmentCosts(series);
  /** The least sum for the vectors before each, and where its last part begins. */
  const best = new Float64Array(count + 1).fill(Infinity);
  const lastStart = new Int32Array(count + 1);
  /** From which end on a start is never the best one again. */
  const uselessFrom = new Float64Array(count + 1).fill(Infinity);
  best[0] = -penalty;
  let starts = [0];
  for (let end = leastLength; end <= count; end++) {
    for (const start of starts) {
      const cost = best[start] + costs.between(start, end) + penalty;
      if (cost >= best[end]) continue;
      best[end] = cost;
      lastStart[end] = start;
    }
    for (const start of starts) {
      // As soon as a part can begin here, a cut here is better than this start.
      const isUseless = best[start] + costs.between(start, end) > best[end];
      if (isUseless && uselessFrom[start] === Infinity) uselessFrom[start] = end + leastLength;
    }
    starts = starts.filter((start) => uselessFrom[start] > end + 1);
    const next = end + 1 - leastLength;
    if (next >= leastLength) starts.push(next);
  }
  const found: number[] = [];
  for (let end = count; lastStart[end] > 0; end = lastStart[end]) found.push(lastStart[end]);
  return found.reverse();
}

/** Squared distances to the mean, for any part, from sums that are made once. */
export class SegmentCosts {
  readonly #dimensions: number;
  readonly #sums: Float64Array;
  readonly #squares: Float64Array;

  constructor({ dimensions, values }: Series) {
    const count = values.length / dimensions;
    this.#dimensions = dimensions;
    this.#sums = new Float64Array((count + 1) * dimensions);
    this.#squares = new Float64Array(count + 1);
    for (let i = 0; i < count; i++) {
      let squares = this.#squares[i];
      for (let d = 0; d < dimensions; d++) {
        const value = values[i * dimensions + d];
        this.#sums[(i + 1) * dimensions + d] = this.#sums[i * dimensions + d] + value;
        squares += value * value;
      }
      this.#squares[i + 1] = squares;
    }
  }

  /** Of the vectors from `start` to before `end`. */
  between(start: number, end: number): number {
    let ofMean = 0;
    for (let d = 0; d < this.#dimensions; d++) {
      const sum = this.#sums[end * this.#dimensions + d] - this.#sums[start * this.#dimensions + d];
      ofMean += sum * sum;
    }
    return Math.max(0, this.#squares[end] - this.#squares[start] - ofMean / (end - start));
  }
}
