/**
 * All ways of selecting a part of a snapshot.
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
 * The selected part of each snapshot, for measures. A snapshot that is not selected is left out; one whose
 * selected part is empty is kept, because nothing was written there in that time.
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
 * The selected part of a snapshot.
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
