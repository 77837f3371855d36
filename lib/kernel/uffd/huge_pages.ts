/**
 * Puts the huge pages of a process back together that tracking has split.
 *
 * The kernel does it too (khugepaged), but by and by: 64 of them took a minute and a half. Asking for it
 * takes the target's memory lock for a fraction of a millisecond for each, and needs CAP_SYS_NICE.
 *
 * @module
 */

import { PageSet } from "../../core/page_set.ts";
import { HUGE_PAGE_BYTES, wholeHugeBlocks } from "../../core/whole_blocks.ts";
import { closeDescriptor, failedWith, systemCall } from "../system/libc.ts";
import { CATEGORY, type PagemapScan } from "../pagemap/pagemap_scan.ts";
import { IOVEC_AT, scratch } from "../inject/ptrace_memory.ts";
import { Regions } from "../pagemap/regions.ts";

const PIDFD_OPEN = 434;
const PROCESS_MADVISE = 440;
const MADV_COLLAPSE = 25;

/** What is left after it is for the kernel. */
const MOST_MS = 1000;
/** For one call, which cannot be interrupted. */
const CALL_BYTES = 8 * HUGE_PAGE_BYTES;

const { present, huge } = CATEGORY;

/** The pages of these that are in huge pages. */
export function hugePagesIn(scan: PagemapScan, pagemap: number, pages: PageSet): PageSet {
  const found = new Regions();
  scan.scanAll(pagemap, pages, { categoryMask: huge, returnMask: huge }, found);
  return found.pagesWith(huge);
}

/** Where to put them back. */
export interface SplitMemory {
  readonly pid: number;
  /** The descriptor of its pagemap. */
  readonly pagemap: number;
  readonly pageSizeBytes: number;
  /** What was in huge pages and is still mapped. */
  readonly pages: PageSet;
}

/**
 * Has the kernel make huge pages of those of the blocks in which each page exists, so that the process
 * has no more memory than before.
 */
export function collapse(scan: PagemapScan, memory: SplitMemory): void {
  const { pid, pagemap, pageSizeBytes, pages } = memory;
  const found = new Regions();
  scan.scanAll(pagemap, pages, { categoryMask: present, returnMask: present | huge }, found);
  const split = wholeHugeBlocks(found.pagesWith(present, huge), pageSizeBytes);
  if (split.isEmpty) return;
  const endMs = performance.now() + MOST_MS;
  const process = systemCall("pidfd_open", PIDFD_OPEN, pid, 0);
  try {
    const stepPages = CALL_BYTES / pageSizeBytes;
    for (const { start, end } of split.runs()) {
      for (let from = start; from < end; from += stepPages) {
        const to = Math.min(end, from + stepPages);
        if (performance.now() > endMs) return;
        if (!collapseRange(process, from * pageSizeBytes, (to - from) * pageSizeBytes)) return;
      }
    }
  } finally {
    closeDescriptor(process);
  }
}

/** False if there is no use in trying others. */
function collapseRange(process: number, address: number, lengthBytes: number): boolean {
  const { memory, view } = scratch();
  view.setBigUint64(IOVEC_AT, BigInt(address), true);
  view.setBigUint64(IOVEC_AT + 8, BigInt(lengthBytes), true);
  try {
    const iovec = memory.address + IOVEC_AT;
    systemCall("process_madvise", PROCESS_MADVISE, process, iovec, 1, MADV_COLLAPSE, 0);
    return true;
  } catch (error) {
    // EPERM: not this user; EINVAL: a kernel before 6.1, or memory that may have none; ESRCH: ended.
    return failedWith(error, "EAGAIN", "EBUSY", "ENOMEM", "EINVAL");
  }
}
