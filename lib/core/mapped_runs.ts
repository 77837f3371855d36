/**
 * Which mappings have which pages, in time that depends on what there is less of.
 *
 * @module
 */

import type { PageNumber, PageRange, PageSet } from "./page_set.ts";

/**
 * Visits each part of a run of a set that lies in a mapping, ascending: from `start` to before `end`.
 * What lies in no mapping is left out.
 *
 * @param vmas ascending and disjoint
 */
export function visitMapped<T extends PageRange>(
  vmas: readonly T[],
  { edges }: PageSet,
  visit: (vma: T, start: PageNumber, end: PageNumber) => void,
): void {
  let i = 0;
  let n = 0;
  while (i < edges.length && n < vmas.length) {
    const vma = vmas[n];
    if (vma.end <= edges[i]) {
      const page = edges[i];
      n = firstFrom(n + 1, vmas.length, (at) => vmas[at].end > page);
    } else if (edges[i + 1] <= vma.start) {
      i = 2 * firstFrom(i / 2 + 1, edges.length / 2, (at) => edges[2 * at + 1] > vma.start);
    } else {
      visit(vma, Math.max(vma.start, edges[i]), Math.min(vma.end, edges[i + 1]));
      if (vma.end < edges[i + 1]) n++;
      else i += 2;
    }
  }
}

/** The mappings that have pages of a set; both ascend. */
export function mappingsWith<T extends PageRange>(vmas: readonly T[], pages: PageSet): T[] {
  const found: T[] = [];
  visitMapped(vmas, pages, (vma) => {
    if (found.at(-1) !== vma) found.push(vma);
  });
  return found;
}

/** The first number from `from` on that meets a condition, as all after it do; found by strides. */
function firstFrom(from: number, limit: number, meets: (at: number) => boolean): number {
  let [low, stride] = [from, 1];
  while (low + stride <= limit && !meets(low + stride - 1)) {
    low += stride;
    stride *= 2;
  }
  let high = Math.min(limit, low + stride - 1);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (meets(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
