/**
 * The order of mappings: ascending and disjoint, which all that reads them relies on.
 *
 * @module
 */

import type { Vma } from "./vma.ts";

/** True if each mapping holds a page, and begins where the one before it ends or later. */
export function isAscending(vmas: readonly Vma[]): boolean {
  let end = 0;
  for (const vma of vmas) {
    if (!(vma.start >= end && vma.end > vma.start)) return false;
    end = vma.end;
  }
  return true;
}

/**
 * The mappings in ascending order, disjoint: where two of them overlap, the later one in the list has
 * the pages, and the earlier one keeps what is left of it. The same array if it is in order already.
 *
 * @param vmas in the order in which they were observed
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { laterWins } from "./mapping_order.ts";
 *
 * const rest = { perms: "rw-p", offsetPages: 0, device: "00:00", inode: "0", name: "" };
 * const split = [{ start: 1, end: 3, ...rest }, { start: 2, end: 8, ...rest }];
 * assert.deepEqual(laterWins(split).map(({ start, end }) => [start, end]), [[1, 2], [2, 8]]);
 * ```
 */
export function laterWins(vmas: readonly Vma[]): readonly Vma[] {
  if (isAscending(vmas)) return vmas;
  const ordered: Vma[] = [];
  for (const vma of vmas) {
    if (!(vma.end > vma.start)) continue;
    // Mostly it belongs behind all others, or replaces the last few of them.
    let from = ordered.length;
    while (from > 0 && ordered[from - 1].end > vma.start) from--;
    let to = from;
    while (to < ordered.length && ordered[to].start < vma.end) to++;
    const [first, last] = [ordered[from], ordered[to - 1]];
    const kept: Vma[] = [vma];
    if (to > from && first.start < vma.start) kept.unshift(part(first, first.start, vma.start));
    if (to > from && last.end > vma.end) kept.push(part(last, vma.end, last.end));
    ordered.splice(from, to - from, ...kept);
  }
  return ordered;
}

/** A part of a mapping. Only a file has offsets; memory without one has inode 0, and offset 0. */
function part(vma: Vma, start: number, end: number): Vma {
  const offsetPages = vma.inode === "0" ? vma.offsetPages : vma.offsetPages + start - vma.start;
  return { ...vma, start, end, offsetPages };
}
