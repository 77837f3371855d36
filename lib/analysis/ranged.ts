/**
 * Results with their lower bound: huge pages and large folios are reported as a whole, of which a single
 * page can have been written.
 *
 * @module
 */

import { leastWritten } from "../core/least_written.ts";
import { countedOnce } from "../core/counted_once.ts";
import { isBlurred } from "../core/coverage.ts";
import { derivedSeries, type SnapshotSeries } from "../core/untracked_process.ts";
import { walkable } from "./walkable.ts";
import type { Covered } from "./windows.ts";

/** A result of what was reported, the most that can have been written. */
export type Ranged<R> = R & Covered & {
  /** The same of the least that can have been written; null where the two are equal. */
  readonly least: R & Covered | null;
};

/**
 * Measures snapshots in which shared memory counts once, and where pages are reported by larger blocks
 * than they are written in, measures the least that can have been written as well.
 *
 * @param snapshots are walked twice then
 * @param measure one result for each process, in the same order each time
 */
export function rangedEach<R>(
  snapshots: SnapshotSeries,
  measure: (snapshots: SnapshotSeries) => readonly (R & Covered)[],
): Ranged<R>[] {
  const walked = walkable(snapshots);
  const most = measure(countedOnce(walked));
  if (!most.some(({ coverage }) => isBlurred(coverage))) {
    return most.map((result) => ({ ...result, least: null }));
  }
  const least = measure(countedOnce(leastEach(walked)));
  return most.map((result, i) => ({
    ...result,
    least: isBlurred(result.coverage) ? least[i] : null,
  }));
}

/** The snapshots with the least that can have been written. */
function leastEach(snapshots: SnapshotSeries): SnapshotSeries {
  return derivedSeries(snapshots, function* () {
    for (const snapshot of snapshots) yield leastWritten(snapshot);
  });
}
