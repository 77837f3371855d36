/**
 * All ways of saying which part of a snapshot is meant.
 *
 * @module
 */

import { filterSnapshot, type SnapshotFilter } from "../core/filter.ts";
import { PageSet } from "../core/page_set.ts";
import { narrowed, type Snapshot } from "../core/snapshot.ts";
import { derivedSeries, type SnapshotSeries } from "../core/untracked_process.ts";
import type { Vma } from "../core/vma.ts";
import { Query } from "./query.ts";

/** An expression, as text or ready to be applied; conditions; or a function that keeps mappings. */
export type Narrowing =
  | string
  | Query
  | SnapshotFilter
  | ((mapping: Vma, snapshot: Snapshot) => boolean);

/**
 * The part of each snapshot that is meant, for measures: one that is not meant at all is left out, but
 * not one in which nothing is that is meant: it is a time in which nothing was written there.
 */
export function narrowEach(snapshots: SnapshotSeries, how: Narrowing): SnapshotSeries {
  const ready = typeof how === "string" ? new Query(how) : how;
  return derivedSeries(snapshots, function* () {
    for (const snapshot of snapshots) {
      if (ready instanceof Query && !ready.mayMean(snapshot)) continue;
      yield narrow(snapshot, ready);
    }
  });
}

/**
 * The part of a snapshot that is meant.
 *
 * @throws ExpressionError, or RangeError for conditions that are not of their form
 */
export function narrow(snapshot: Snapshot, how: Narrowing): Snapshot {
  if (typeof how === "string") return new Query(how).apply(snapshot);
  if (how instanceof Query) return how.apply(snapshot);
  if (typeof how !== "function") return filterSnapshot(snapshot, how);
  const vmas = snapshot.vmas.filter((vma) => how(vma, snapshot));
  return narrowed(snapshot, vmas, PageSet.from(vmas));
}
