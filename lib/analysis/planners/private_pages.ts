/**
 * Which pages are a process's own.
 *
 * @module
 */

import { memoryOf } from "../../core/memory_kinds.ts";
import type { PageSet } from "../../core/page_set.ts";
import type { Snapshot } from "../../core/snapshot.ts";

/**
 * True if a snapshot records which private pages exist. Those of soft-dirty always do: pagemap has each
 * page, and CRIU's images all but those that it need not dump.
 */
export function recordsMemory(snapshot: Snapshot): boolean {
  return snapshot.knows("present") || snapshot.tracker === "soft-dirty";
}

/** Pages that exist, tracked or not; all that can be accessed, where that was not read. */
export function existingMemory(snapshot: Snapshot): PageSet {
  if (recordsMemory(snapshot)) return snapshot.populated.union(untrackedMemory(snapshot));
  return memoryOf(snapshot.vmas, "accessible");
}

/**
 * Untracked pages that exist and can be written to; whether they exist or not, where that was not read.
 * Whoever copies memory has to copy them each time: they can always have been written.
 */
export function untrackedMemory({ untracked, vmas, pages, known }: Snapshot): PageSet {
  if (untracked.isEmpty) return untracked;
  const writable = untracked.intersect(memoryOf(vmas, "writable"));
  if (!known.includes("present")) return writable;
  return writable.intersect(pages.present.union(pages.swapped));
}

/**
 * Of some pages those that a checkpoint of the process has to write, and that a fork shares until one
 * side writes to them: not shared memory, which CRIU dumps by itself, nor pages that are as they are
 * in a file.
 */
export function privatePages(pages: PageSet, { vmas, pages: { fileOrShared } }: Snapshot): PageSet {
  return pages.subtract(memoryOf(vmas, "shared")).subtract(fileOrShared);
}
