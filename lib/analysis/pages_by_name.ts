/**
 * Pages by the names of mappings.
 *
 * @module
 */

import { visitMapped } from "../core/mapped_runs.ts";
import { PageSet } from "../core/page_set.ts";
import type { Vma } from "../core/vma.ts";

/** How many pages of a set the mappings of each name have; names that have none are left out. */
export function pagesByName(vmas: readonly Vma[], pages: PageSet): Map<string, number> {
  const counts = new Map<string, number>();
  let [last, count] = ["", 0];
  visitMapped(vmas, pages, ({ name }, start, end) => {
    if (name !== last) {
      if (count > 0) counts.set(last, (counts.get(last) ?? 0) + count);
      [last, count] = [name, 0];
    }
    count += end - start;
  });
  if (count > 0) counts.set(last, (counts.get(last) ?? 0) + count);
  return counts;
}

/** The pages of a set that the mappings of each name have; names that have none are left out. */
export function pageSetsByName(vmas: readonly Vma[], pages: PageSet): Map<string, PageSet> {
  const edgesByName = new Map<string, number[]>();
  visitMapped(vmas, pages, ({ name }, start, end) => {
    const all = edgesByName.get(name) ?? [];
    if (all.length === 0) edgesByName.set(name, all);
    // Mappings of one name may touch.
    if (all.at(-1) === start) all.pop();
    else all.push(start);
    all.push(end);
  });
  return new Map(
    Array.from(edgesByName, ([name, edges]) => [
      name,
      PageSet.fromAscending(Float64Array.from(edges)),
    ]),
  );
}
