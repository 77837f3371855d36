/**
 * What `top` shows of one process, as JSON.
 *
 * @module
 */

import type { RecentWrites } from "../../analysis/recent_writes.ts";
import { coverageOf } from "../../core/coverage.ts";
import { mappingRows, sortedRows } from "./top_rows.ts";

/** The process, its rates and its working set, and the mappings in it. */
export function topJson(recent: RecentWrites) {
  const { snapshot, process, rates, workingSet, workingSetNs, totals } = recent.state!;
  const { tracker, pageSizeBytes, readAt, populated, untracked } = snapshot;
  return {
    process,
    isTracked: true,
    tracker,
    readAt: readAt.toISOString(),
    bytesPerSecond: rates.at(-1)!,
    ratesBytesPerSecond: rates,
    workingSetBytes: workingSet.pageCount * pageSizeBytes,
    workingSetNs,
    populatedBytes: snapshot.knows("present") ? populated.pageCount * pageSizeBytes : null,
    untrackedBytes: untracked.pageCount * pageSizeBytes,
    coverage: coverageOf(snapshot),
    totals,
    /** Of all processes together: which they are. */
    members: snapshot.members ?? null,
    // The pages of a group lie at no address of any process.
    mappings: snapshot.members !== undefined
      ? []
      : sortedRows(mappingRows(recent), "rate", false, "").map((
        { address, perms, sizeBytes, bytesPerSecond, workingSetBytes, key },
      ) => ({
        address,
        perms,
        name: key.slice(address.length + 1),
        sizeBytes,
        bytesPerSecond,
        workingSetBytes,
      })),
  };
}
