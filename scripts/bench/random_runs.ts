/**
 * Page sets that look random, and are the same each time.
 *
 * @module
 */

import { PageSet } from "../../lib/core/page_set.ts";

/** Each of `pages` pages from `first` on is in the set with a probability of `share`. */
export function randomRuns(first: number, pages: number, share: number, seed: number): PageSet {
  let state = seed * 2654435761 | 1;
  const edges: number[] = [];
  // The distance to the next page is geometric, so that only pages in the set take time.
  const scale = 1 / Math.log(1 - share);
  for (let page = -1;;) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    page += 1 + Math.floor(Math.log(((state >>> 0) + 1) / 2 ** 32) * scale);
    if (page >= pages) break;
    if (edges[edges.length - 1] === first + page) edges[edges.length - 1]++;
    else edges.push(first + page, first + page + 1);
  }
  return PageSet.fromEdges(Float64Array.from(edges));
}
