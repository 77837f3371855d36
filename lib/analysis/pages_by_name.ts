/**
 * Pages, counted by the names of mappings.
 *
 * @module
 */

import type { PageSet } from "../core/page_set.ts";
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
