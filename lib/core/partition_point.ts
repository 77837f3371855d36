/**
 * Where something begins in what is ordered.
 *
 * @module
 */

/**
 * How many of so many things come before, of which those that do stand first; looks at a few of them.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const ascending = [2, 3, 5, 7];
 * assert.equal(partitionPoint(ascending.length, (i) => ascending[i] < 5), 2);
 * ```
 */
export function partitionPoint(length: number, isBefore: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
