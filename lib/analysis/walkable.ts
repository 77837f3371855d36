/**
 * Snapshots for analyses that have to walk them more than once.
 *
 * @module
 */

import type { Snapshot } from "../core/snapshot.ts";

/**
 * The same, if it can be walked again: an array, a set, or any object that makes a new iterator each
 * time. A generator cannot; its snapshots are kept in memory.
 */
export function walkable(snapshots: Iterable<Snapshot>): Iterable<Snapshot> {
  const isOnce = snapshots[Symbol.iterator]() === snapshots as unknown;
  return isOnce ? [...snapshots] : snapshots;
}
