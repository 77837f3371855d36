/**
 * How much of the memory of a process belongs to other userfaultfds, as those of another softdirty.
 *
 * @module
 */

import { ProcessError } from "../../core/errors.ts";
import { PageSet } from "../../core/page_set.ts";
import type { TargetWarning } from "../../core/target_warning.ts";
import type { Vma } from "../../core/vma.ts";
import { hasEntries } from "../pagemap/pagemap.ts";
import { CATEGORY, PagemapScan } from "../pagemap/pagemap_scan.ts";
import type { ProcFs } from "../proc/proc_fs.ts";
import { Regions } from "../pagemap/regions.ts";

/** Belonging to others: so large a part of the memory makes tracking the rest of no use. */
const NEARLY_ALL = 0.9;

/**
 * Finds out before anything is attached to.
 *
 * @param hasOwn true if the process has a userfaultfd of its own open
 * @throws ProcessError if nearly all of the private writable memory belongs to others
 */
export function memoryOfOthers(
  proc: ProcFs,
  pid: number,
  hasOwn: boolean,
  force: boolean | undefined,
): TargetWarning[] {
  const pageSizeBytes = proc.pageSizeBytes();
  const vmas = privateMemory(proc.maps(pid, pageSizeBytes));
  const pagemap = proc.openPagemap(pid);
  const scan = new PagemapScan(proc);
  try {
    const found = new Regions();
    scan.scanAll(pagemap.descriptor, PageSet.from(vmas), {
      categoryAnyOfMask: CATEGORY.present | CATEGORY.swapped,
      returnMask: CATEGORY.wpAllowed,
    }, found);
    const existing = found.pagesWith(0);
    // Only smaps shows those that track in other ways, and it walks all page tables.
    const owned = found.pagesWith(CATEGORY.wpAllowed).union(
      hasOwn ? registered(proc, pid, pageSizeBytes).intersect(existing) : PageSet.empty,
    );
    if (owned.isEmpty) return [];
    return [judged(pid, owned.pageCount, existing.pageCount, pageSizeBytes, force)];
  } finally {
    pagemap.close();
    scan.close();
  }
}

/** Mappings that belong to some userfaultfd, in any of its modes. */
function registered(proc: ProcFs, pid: number, pageSizeBytes: number): PageSet {
  const usages = proc.smaps(pid, pageSizeBytes);
  const isRegistered = (flags: ReadonlySet<string>) =>
    USERFAULTFD_FLAGS.some((one) => flags.has(one));
  return PageSet.from(usages.filter(({ flags }) => isRegistered(flags)).map(({ vma }) => vma));
}

/** In VmFlags of smaps: for missing pages, for write-protected ones, for minor faults. */
const USERFAULTFD_FLAGS = ["um", "uw", "ui"];

/** Memory that a process writes to and does not share. */
export function privateMemory(vmas: readonly Vma[]): Vma[] {
  return vmas.filter((vma) => hasEntries(vma) && /w.p$/.test(vma.perms));
}

/**
 * What it means that so many pages belong to others.
 *
 * @throws ProcessError if they are nearly all
 */
export function judged(
  pid: number,
  ownedPages: number,
  ofPages: number,
  pageSizeBytes: number,
  force: boolean | undefined,
): TargetWarning {
  const mebibytes = (pages: number) => (pages * pageSizeBytes / 2 ** 20).toFixed(1);
  const share = ownedPages / ofPages;
  const warning: TargetWarning = {
    code: "tracked-by-another",
    message:
      `${mebibytes(ownedPages)} of ${mebibytes(ofPages)} MiB (${
        Math.floor(share * 100)
      } %) of the private writable memory of process ${pid} belong to another userfaultfd, as that of ` +
      `another softdirty: what is written there cannot be seen`,
  };
  if (force || share < NEARLY_ALL) return warning;
  throw new ProcessError(
    "tracked-by-another",
    pid,
    warning.message,
    "A page can belong to one: end the other one first, or use --tracker soft-dirty where the kernel " +
      "has it",
  );
}
