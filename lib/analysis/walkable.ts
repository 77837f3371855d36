/**
 * Snapshots for analyses that have to walk them more than once.
 *
 * @module
 */

import { derivedSeries, type SnapshotSeries } from "../core/untracked_process.ts";

/**
 * The same, if it can be walked again: an array, a set, or any object that makes a new iterator each
 * time. A generator cannot; its snapshots are kept in memory.
 */
export function walkable(snapshots: SnapshotSeries): SnapshotSeries {
  const isOnce = snapshots[Symbol.iterator]() === snapshots as unknown;
  if (!isOnce) return snapshots;
  const kept = [...snapshots];
  return derivedSeries(snapshots, () => kept[Symbol.iterator]());
}
