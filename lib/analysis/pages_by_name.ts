/**
 * Pages by the names of mappings.
 *
 * @module
 */

import { PageSet } from "../core/page_set.ts";
import type { Vma } from "../core/vma.ts";

/** How many pages of a set the mappings of each name have; names that have none are left out. */
export function pagesByName(vmas: readonly Vma[], pages: PageSet): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { name, start, end } of vmas) {
    const count = pages.countIn(start, end);
    if (count > 0) counts.set(name, (counts.get(name) ?? 0) + count);
  }
  return counts;
}

/** The pages of a set that the mappings of each name have; names that have none are left out. */
export function pageSetsByName(vmas: readonly Vma[], pages: PageSet): Map<string, PageSet> {
  const edgesByName = new Map<string, number[]>();
  for (const { name, start, end } of vmas) {
    const { edges } = pages.within(start, end);
    if (edges.length === 0) continue;
    const all = edgesByName.get(name) ?? [];
    edgesByName.set(name, all);
    // Mappings of one name may touch.
    const from = all.at(-1) === edges[0] ? 1 : 0;
    if (from === 1) all.pop();
    for (let i = from; i < edges.length; i++) all.push(edges[i]);
  }
  return new Map(
    Array.from(edgesByName, ([name, edges]) => [
      name,
      PageSet.fromAscending(Float64Array.from(edges)),
    ]),
  );
}
