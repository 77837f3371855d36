/**
 * What smaps tells about pages beyond their own bits.
 *
 * @module
 */

import { PageSet } from "../core/page_set.ts";
import type { PageFlag, PageSets } from "../core/snapshot.ts";
import type { Vma } from "../core/vma.ts";
import { wholeBlocks } from "../core/whole_blocks.ts";
import type { MappingUsage } from "./smaps.ts";

/**
 * Adds `newMapping`, from the flag `sd`, and `huge` where only smaps tells it.
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
  const marked = usages.filter(({ vma: { start, end }, flags }) =>
    flags.has("sd") && pages.dirty.countIn(start, end) === end - start
  );
  const newMapping = PageSet.from(marked.map(({ vma }) => vma)).intersect(PageSet.from(vmas));
  const explained = { ...pages, newMapping };
  if (known.includes("huge")) return { pages: explained, known: [...known, "newMapping"] };
  const huge = hugeIn(pages.present, usages, pageSizeBytes);
  return huge === undefined
    ? { pages: explained, known: [...known, "newMapping"] }
    : { pages: { ...explained, huge }, known: [...known, "newMapping", "huge"] };
}

/**
 * The huge pages, if their number leaves no choice: in each mapping, all whole blocks are huge pages or
 * none is.
 */
function hugeIn(
  present: PageSet,
  usages: readonly MappingUsage[],
  pageSizeBytes: number,
): PageSet | undefined {
  const withHuge = usages.filter(({ hugeBytes }) => hugeBytes > 0);
  const huge = wholeBlocks(
    present.intersect(PageSet.from(withHuge.map(({ vma }) => vma))),
    pageSizeBytes,
  );
  const isExact = withHuge.every(({ vma, hugeBytes }) =>
    huge.countIn(vma.start, vma.end) * pageSizeBytes === hugeBytes
  );
  return isExact ? huge : undefined;
}
