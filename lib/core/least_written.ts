/**
 * The least that a process can have written: what bounds measures from below where the kernel reports
 * pages together.
 *
 * @module
 */

import { blurredBlocks } from "./blurred_blocks.ts";
import { PageSet } from "./page_set.ts";
import { Snapshot } from "./snapshot.ts";

/**
 * The snapshot with the least that can have been written: of each block its first page alone, or none.
 * Measures of such snapshots bound the true value from below.
 */
export function leastWritten(snapshot: Snapshot): Snapshot {
  const blocks = blurredBlocks(snapshot);
  if (blocks.length === 0) return snapshot;
  const dirty = blocks.reduce(
    (dirty, { pages, blockPages, leastPages }) => {
      const rest = dirty.subtract(pages);
      return leastPages === 0 ? rest : rest.union(firstPages(pages, blockPages));
    },
    snapshot.pages.dirty,
  );
  return new Snapshot({ ...snapshot, pages: { ...snapshot.pages, dirty } });
}

/** The first page of each block. */
function firstPages({ edges, pageCount }: PageSet, blockPages: number): PageSet {
  const firsts = new Float64Array(pageCount / blockPages * 2);
  let length = 0;
  for (let i = 0; i < edges.length; i += 2) {
    for (let page = edges[i]; page < edges[i + 1]; page += blockPages) {
      firsts[length++] = page;
      firsts[length++] = page + 1;
    }
  }
  return PageSet.fromAscending(firsts);
}
