/**
 * Which pages are a process's own.
 *
 * @module
 */

import { memoryOf as ofMappings } from "../../core/memory_kinds.ts";
import { PageSet } from "../../core/page_set.ts";
import type { Snapshot } from "../../core/snapshot.ts";

/**
 * True if a snapshot tells which private pages exist. What soft-dirty was read from always does: pagemap
 * tells each page, and CRIU's images all but those that it need not dump.
 */
export function tellsMemory(snapshot: Snapshot): boolean {
  return snapshot.knows("present") || snapshot.tracker === "soft-dirty";
}

/** Pages that exist, tracked or not; all that can be accessed, where that was not read. */
export function memoryOf(snapshot: Snapshot): PageSet {
  if (tellsMemory(snapshot)) return snapshot.populated.union(untrackedMemory(snapshot));
  return PageSet.from(snapshot.vmas.filter(({ perms }) => !perms.startsWith("---")));
}

/**
 * Untracked pages that exist and can be written to; whether they exist or not, where that was not read.
 * Whoever copies memory has to copy them each time: they can always have been written.
 */
export function untrackedMemory({ untracked, vmas, pages, known }: Snapshot): PageSet {
  if (untracked.isEmpty) return untracked;
  const writable = untracked.intersect(ofMappings(vmas, "writable"));
  if (!known.includes("present")) return writable;
  return writable.intersect(pages.present.union(pages.swapped));
}

/**
 * Of some pages those that a checkpoint of the process has to write, and that a fork shares until one
 * side writes to them: not shared memory, which CRIU dumps by itself, nor pages that are as they are
 * in a file.
 */
export function privatePages(pages: PageSet, { vmas, pages: { fileOrShared } }: Snapshot): PageSet {
  return pages.subtract(ofMappings(vmas, "shared")).subtract(fileOrShared);
}
