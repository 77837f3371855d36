/**
 * Selects a part of a snapshot, in all ways that there are.
 *
 * @module
 */

import { filterByConditions, type SnapshotFilter } from "../core/filter.ts";
import { memoryOf } from "../core/memory_kinds.ts";
import { selectPages, type Snapshot } from "../core/snapshot.ts";
import { derivedSeries, type SnapshotSeries } from "../core/untracked_process.ts";
import type { Vma } from "../core/vma.ts";
import { Query } from "./query.ts";

/** An expression, as text or ready to be applied; conditions; or a function that keeps mappings. */
export type Selection =
  | string
  | Query
  | SnapshotFilter
  | ((mapping: Vma, snapshot: Snapshot) => boolean);

/**
 * Filters each snapshot, for measures. A snapshot is left out if the expression excludes it as a whole, as
 * by its pid. One without pages that match stays: in its time nothing was written there.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { dirtyRates, filterSnapshots, openTrace } from "../../mod.ts";
 * import { rateCsv } from "../entry/text.ts";
 *
 * using trace = openTrace("recordings/traces/redis.sdtrace");
 * const stack = dirtyRates(filterSnapshots(trace.snapshots, 'mapping == "[stack]"'));
 * assert.deepEqual(stack[0].mappings.map(({ name }) => name), ["[stack]"]);
 * assert.match(rateCsv(stack), /^pid,/);
 * ```
 */
export function filterSnapshots(snapshots: SnapshotSeries, how: Selection): SnapshotSeries {
  const ready = typeof how === "string" ? new Query(how) : how;
  return derivedSeries(snapshots, function* () {
    for (const snapshot of snapshots) {
      if (ready instanceof Query && !ready.mayMean(snapshot)) continue;
      yield filterSnapshot(snapshot, ready);
    }
  });
}

/**
 * The mappings and pages of a snapshot that an expression, conditions or a function keep: `sd.filter`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { filterSnapshot, openTrace } from "../../mod.ts";
 *
 * using trace = openTrace("recordings/traces/redis.sdtrace");
 * const writable = filterSnapshot(trace.at(0), "perms has w and size >= 1MiB");
 * assert(writable.vmas.length > 0);
 * const same = filterSnapshot(trace.at(0), { perms: "w", minSizeBytes: 2 ** 20 });
 * assert.deepEqual(same.vmas, writable.vmas);
 * ```
 *
 * @throws ExpressionError, or ArgumentError for conditions that are not of their form
 */
export function filterSnapshot(snapshot: Snapshot, how: Selection): Snapshot {
  if (typeof how === "string") return new Query(how).apply(snapshot);
  if (how instanceof Query) return how.apply(snapshot);
  if (typeof how !== "function") return filterByConditions(snapshot, how);
  const vmas = snapshot.vmas.filter((vma) => how(vma, snapshot));
  return selectPages(snapshot, vmas, memoryOf(vmas, "mapped"));
}
