/**
 * The pages of many snapshots taken together.
 *
 * @module
 */

import type { PageSet } from "../core/page_set.ts";
import { PageUnion } from "../core/page_union.ts";
import type { Snapshot } from "../core/snapshot.ts";

/**
 * The pages that are dirty in some snapshot: the writable working set of that time, if each snapshot
 * is since its own clear (Clark et al., NSDI 2005).
 *
 * @param snapshots such as `trace.snapshots`; they are taken one at a time
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { openTrace } from "../session/sd.ts";
 *
 * const trace = openTrace("recordings/traces/redis.sdtrace");
 * const union = dirtyUnion(trace.snapshots);
 * assert(union.pageCount >= trace.at(0).dirty.pageCount);
 * ```
 */
export function dirtyUnion(snapshots: Iterable<Snapshot>): PageSet {
  const union = new PageUnion();
  for (const { dirty } of snapshots) union.add(dirty);
  return union.toPageSet();
}
