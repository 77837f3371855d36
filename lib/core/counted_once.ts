/**
 * Shared memory that is mapped several times, counted once: device, inode and offset say which mappings
 * are of the same memory.
 *
 * @module
 */

import { isPlaced, type Placement, Relocation, Slots } from "./relocation.ts";
import { PAGE_FLAGS, type PageFlag, type PageSets, Snapshot } from "./snapshot.ts";
import { derivedSeries, type SnapshotSeries } from "./untracked_process.ts";
import type { Vma } from "./vma.ts";

/**
 * What a mapping maps, as text, if several mappings of it are of the same memory: shared memory and
 * files that are mapped as such. A private mapping has pages of its own.
 */
export function sharedObject({ perms, device, inode }: Vma): string | undefined {
  return perms[3] === "s" && inode !== "0" ? `${device} ${inode}` : undefined;
}

/**
 * The same snapshots with shared memory at a place of its own, the same for all mappings of it, above
 * all real addresses. Pages then count once, over all windows. Other memory stays where it is.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { openTrace } from "../session/sd.ts";
 *
 * const { snapshots } = openTrace("recordings/traces/redis.sdtrace");
 * const [first] = countedOnce(snapshots);
 * assert(first.dirty.pageCount > 0);
 * ```
 */
export function countedOnce(snapshots: SnapshotSeries): SnapshotSeries {
  return derivedSeries(snapshots, function* () {
    const slots = new Slots();
    const known = new WeakMap<readonly Vma[], Relocation | null>();
    for (const snapshot of snapshots) {
      const { vmas } = snapshot;
      let relocation = known.get(vmas);
      if (relocation === undefined) known.set(vmas, relocation = sharedRelocation(vmas, slots));
      yield relocation === null ? snapshot : relocated(snapshot, relocation);
    }
  });
}

/** Null if nothing is shared. */
function sharedRelocation(vmas: readonly Vma[], slots: Slots): Relocation | null {
  const kept: Vma[] = [];
  const placements: Placement[] = [];
  for (const vma of vmas) {
    const key = sharedObject(vma);
    if (key === undefined || isPlaced(vma)) kept.push(vma);
    else placements.push({ vma, key, firstPage: vma.offsetPages });
  }
  return placements.length === 0 ? null : new Relocation(slots, kept, placements);
}

/** A snapshot with all of its pages moved. What was mapped at the clear is no longer known of it. */
export function relocated(snapshot: Snapshot, relocation: Relocation): Snapshot {
  const pages: { -readonly [flag in PageFlag]: PageSets[flag] } = { ...snapshot.pages };
  for (const flag of PAGE_FLAGS) pages[flag] = relocation.move(pages[flag]);
  const sinceClear = snapshot.sinceClear && { ...snapshot.sinceClear, vmas: null };
  return new Snapshot({ ...snapshot, vmas: relocation.vmas, pages, sinceClear });
}
