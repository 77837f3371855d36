/**
 * Page sets that look random, and are the same each time.
 *
 * @module
 */

import { PageSet } from "../../lib/core/page_set.ts";

/** Each of `whole` pages is in the set with a probability of `share`. */
export function randomPages(whole: number, share: number, seed: number): PageSet {
  let state = seed | 1;
  const edges: number[] = [];
  let isIn = false;
  for (let page = 0; page < whole; page++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    if ((state >>> 0) / 2 ** 32 < share === isIn) continue;
    edges.push(page);
    isIn = !isIn;
  }
  if (isIn) edges.push(whole);
  return PageSet.fromEdges(Float64Array.from(edges));
}
