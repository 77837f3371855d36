/**
 * What a read with uffd-wp reports besides what was written: pages that nothing protects yet, and pages
 * in swap.
 *
 * @module
 */

import { PageSet } from "../../core/page_set.ts";
import type { MappedMemory } from "../pagemap/mapped_memory.ts";
import { CATEGORY, type PagemapScan } from "../pagemap/pagemap_scan.ts";
import { Regions } from "../pagemap/regions.ts";
import type { ProcFs } from "../proc/proc_fs.ts";
import type { TrackedSpace, Unprotected } from "./tracked_space.ts";

const { written, present, swapped, huge, guard } = CATEGORY;

/**
 * What is to be reported of memory that was not protected when the read began.
 *
 * @param space undefined if nothing is tracked yet: then all memory is new
 */
export function newPages(
  space: TrackedSpace | undefined,
  memory: MappedMemory,
  found: Unprotected,
) {
  const refused = space?.refused ?? PageSet.empty;
  const inert = (space?.inert ?? PageSet.empty)
    .subtract(memory.writable)
    .union(memory.ofTheKernel);
  const newMapping = found.pages.subtract(refused).subtract(inert);
  return {
    newMapping,
    ...space?.unwatched(memory, found),
    present: found.present.intersect(newMapping),
    swapped: found.swapped.intersect(newMapping),
  };
}

/** Where to look for pages. */
interface Place {
  readonly pid: number;
  /** The descriptor of its pagemap. */
  readonly pagemap: number;
  readonly mapped: PageSet;
  readonly pageSizeBytes: number;
}

/**
 * What is there, written or not.
 *
 * @param unmarked pages in which there is no marker
 */
export function existingPages(
  proc: ProcFs,
  scan: PagemapScan,
  { pid, pagemap, mapped, pageSizeBytes }: Place,
  unmarked: PageSet,
) {
  const found = new Regions();
  const guard = scan.guardCategory;
  const inMemory = present | swapped | guard;
  scan.scanAll(pagemap, mapped, {
    categoryAnyOfMask: inMemory,
    returnMask: inMemory | written | huge,
  }, found);
  return {
    present: found.pagesWith(present),
    swapped: pagesInSwap(proc, pid, pageSizeBytes, found, unmarked),
    huge: found.pagesWith(huge),
    guard: guard === 0 ? PageSet.empty : found.pagesWith(guard),
  };
}

/**
 * The pages in swap. A marker in place of a page looks like one that is in swap and clean; only the
 * mapping's count in smaps shows, so where a mapping has both, markers are counted too.
 *
 * @param unprotected pages in which there is no marker
 */
function pagesInSwap(
  proc: ProcFs,
  pid: number,
  pageSizeBytes: number,
  found: Regions,
  unprotected: PageSet,
): PageSet {
  const sure = found.pagesWith(swapped | written, guard);
  const clean = found.pagesWith(swapped, written | guard);
  if (clean.isEmpty || proc.statusField(pid, "VmSwap").startsWith("0 ")) return sure;
  const inUse = proc.smaps(pid, pageSizeBytes).filter((usage) => usage.swapBytes > 0);
  const mayBeInUse = PageSet.from(inUse.map(({ vma }) => vma)).union(unprotected);
  return sure.union(clean.intersect(mayBeInUse));
}
