/**
 * What smaps reports of pages beyond their own bits.
 *
 * @module
 */

import { PageSet } from "../../core/page_set.ts";
import type { PageFlag, PageSets } from "../../core/snapshot.ts";
import type { Vma } from "../../core/vma.ts";
import { wholeHugeBlocks } from "../../core/whole_blocks.ts";
import type { MappingUsage } from "../proc/smaps.ts";

/**
 * Adds `newMapping`, from the flag `sd`, and `huge` where only smaps reports it.
 *
 * smaps is read after the pages. A mapping that became new in between is not taken for such: the mark
 * of a mapping is on all of its pages, so all must be dirty.
 */
export function explainPages(
  pages: PageSets,
  known: readonly PageFlag[],
  vmas: readonly Vma[],
  usages: readonly MappingUsage[],
  pageSizeBytes: number,
): { pages: PageSets; known: readonly PageFlag[] } {
  // A guard page is not reported, whatever its mapping is.
  const reported = pages.dirty.union(pages.guard);
  const marked = usages.filter(({ vma: { start, end }, flags }) =>
    flags.has("sd") && reported.countIn(start, end) === end - start
  );
  const newMapping = PageSet.from(marked.map(({ vma }) => vma)).intersect(PageSet.from(vmas));
  const explained = { ...pages, newMapping };
  if (known.includes("huge")) return { pages: explained, known: [...known, "newMapping"] };
  const { huge, isComplete } = hugeIn(pages.present, usages, pageSizeBytes);
  return {
    pages: { ...explained, huge },
    known: isComplete ? [...known, "newMapping", "huge"] : [...known, "newMapping"],
  };
}

/**
 * The huge pages of the mappings whose number of them leaves no choice: all whole blocks are huge pages,
 * or none is. Complete if that is so for each mapping.
 */
function hugeIn(
  present: PageSet,
  usages: readonly MappingUsage[],
  pageSizeBytes: number,
): { huge: PageSet; isComplete: boolean } {
  const withHuge = usages.filter(({ hugeBytes }) => hugeBytes > 0);
  const blocks = wholeHugeBlocks(
    present.intersect(PageSet.from(withHuge.map(({ vma }) => vma))),
    pageSizeBytes,
  );
  const certain = withHuge.filter(({ vma, hugeBytes }) =>
    blocks.countIn(vma.start, vma.end) * pageSizeBytes === hugeBytes
  );
  return {
    huge: blocks.intersect(PageSet.from(certain.map(({ vma }) => vma))),
    isComplete: certain.length === withHuge.length,
  };
}
