/**
 * What the kernel counts of memory of another process: whether a mode found what it needs.
 *
 * @module
 */

import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { parseSmaps } from "../../../lib/kernel/proc/smaps.ts";
import { HUGE_PAGES, PAGE } from "./constants.ts";
import type { Memory } from "./memory.ts";

function usages(pid: number, { address, bytes }: Memory) {
  return parseSmaps(readFileSync(`/proc/${pid}/smaps`, "utf8"), PAGE).filter(({ vma }) =>
    vma.start * PAGE >= address && vma.end * PAGE <= address + bytes
  );
}

/** How many huge pages are mapped there; the mappings must lie within the memory. */
export function hugePageCount(pid: number, memory: Memory): number {
  return usages(pid, memory).reduce((sum, { hugeBytes }) => sum + hugeBytes, 0) /
    (HUGE_PAGES * PAGE);
}

/** How many pages are in swap there; the mappings must lie within the memory. */
export function swappedPageCount(pid: number, memory: Memory): number {
  return usages(pid, memory).reduce((sum, { swapBytes }) => sum + swapBytes, 0) / PAGE;
}

/** How many pages are in RAM and in the page table; all of the memory must be mapped. */
export function presentPageCount(pid: number, { address, pageCount }: Memory): number {
  const PRESENT = 63n;
  const file = openSync(`/proc/${pid}/pagemap`, "r");
  try {
    const entries = new BigUint64Array(pageCount);
    readSync(file, entries, 0, entries.byteLength, address / PAGE * 8);
    return entries.filter((entry) => (entry >> PRESENT & 1n) === 1n).length;
  } finally {
    closeSync(file);
  }
}

/** True if this machine swaps. */
export function hasSwap(): boolean {
  return readFileSync("/proc/swaps", "utf8").trim().split("\n").length > 1;
}
