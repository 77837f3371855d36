/**
 * Finds mappings whose pagemap need not be read, because nothing is in them.
 *
 * Runtimes reserve address space by the gigabyte (Deno 16 GiB, sanitizers 16 TiB), and pagemap has an
 * entry for each page of it, at some 10 ns. smaps skips holes, but pays for each page that is there;
 * so it is asked only where the reservations are much larger than the memory.
 *
 * @module
 */

import { PageSet } from "../core/page_set.ts";
import { type Vma, vmaPageCount } from "../core/vma.ts";
import type { ProcFs } from "./proc_fs.ts";

/** A mapping of so many pages is vast: 1 GiB in pages of 4 KiB. */
const VAST_PAGES = 1 << 18;

/** smaps pays when vast mappings span so many times the pages that are resident. */
const WORTHWHILE = 16;

/** Vast mappings that hold nothing. */
export interface EmptyMappings {
  /** All their pages. */
  readonly pages: PageSet;
  /** Those of new mappings (VM_SOFTDIRTY), for which pagemap would report bit 55 throughout. */
  readonly markedNew: PageSet;
}

/** Finds them. What came into being meanwhile belongs to the next read, as with any page. */
export function findEmptyMappings(
  proc: ProcFs,
  pid: number,
  vmas: readonly Vma[],
  pageSizeBytes: number,
): EmptyMappings {
  const vast = vmas.filter((vma) => vmaPageCount(vma) >= VAST_PAGES);
  const vastPages = vast.reduce((sum, vma) => sum + vmaPageCount(vma), 0);
  if (vast.length === 0 || vastPages < WORTHWHILE * proc.residentPages(pid)) {
    return { pages: PageSet.empty, markedNew: PageSet.empty };
  }
  const empty = proc.smaps(pid, pageSizeBytes).filter(({ vma, populatedBytes }) =>
    populatedBytes === 0 && vast.some((one) => one.start === vma.start && one.end === vma.end)
  );
  const pagesOf = (usages: typeof empty) => PageSet.from(usages.map((usage) => usage.vma));
  return {
    pages: pagesOf(empty),
    markedNew: pagesOf(empty.filter(({ flags }) => flags.has("sd"))),
  };
}
