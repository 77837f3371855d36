/**
 * Snapshot against snapshot: the pages whose dirtiness changed, and what became of the mappings.
 *
 * @module
 */

import { ArgumentError } from "./errors.ts";
import { type MappingChange, mappingChanges } from "./mapping_changes.ts";
import { PageSet } from "./page_set.ts";
import { isSameProcess } from "./process.ts";
import type { Snapshot } from "./snapshot.ts";

/** What changed from one snapshot to a later one. */
export class SnapshotDiff {
  /** The earlier snapshot. */
  readonly before: Snapshot;
  /** The later snapshot. */
  readonly after: Snapshot;
  /** Dirty in the later snapshot alone. */
  readonly became: PageSet;
  /** Dirty in the earlier snapshot alone. */
  readonly ceased: PageSet;
  /** Dirty in both. */
  readonly stayed: PageSet;
  /** Ranges that were mapped, unmapped, re-protected or renewed, ascending. */
  readonly mappings: readonly MappingChange[];
  /**
   * Pages that exist in both, with no clear of this session in between, and lost their bit all the
   * same: someone else cleared it, or the page was dropped (MADV_DONTNEED) and only read again.
   */
  readonly clearedByOthers: PageSet;

  /** Compares without a check; {@linkcode diffSnapshots} checks both snapshots first. */
  constructor(before: Snapshot, after: Snapshot) {
    this.before = before;
    this.after = after;
    this.became = after.dirty.subtract(before.dirty);
    this.ceased = before.dirty.subtract(after.dirty);
    this.stayed = after.dirty.intersect(before.dirty);
    this.mappings = mappingChanges(before, after, this.isClearedBetween);
    this.clearedByOthers = this.isSameProcess && this.isInOrder && !this.isClearedBetween
      ? this.ceased.intersect(before.populated).intersect(after.populated)
      : PageSet.empty;
  }

  /** False if the snapshots are of different processes, whose addresses have no common meaning. */
  get isSameProcess(): boolean {
    return isSameProcess(this.before.process, this.after.process);
  }

  /** True if the second snapshot was read after the first. */
  get isInOrder(): boolean {
    const { before, after } = this;
    return before.originUnixMs === after.originUnixMs
      ? after.atNs > before.atNs
      : after.readAt > before.readAt;
  }

  /** True if this session cleared the bits after the first snapshot and before the second. */
  get isClearedBetween(): boolean {
    const { before, after } = this;
    if (after.sinceClear === null) return false;
    return before.originUnixMs === after.originUnixMs
      ? after.sinceClear.atNs >= before.atNs
      : after.originUnixMs + after.sinceClear.atNs / 1e6 >= before.readAt.getTime();
  }
}

/**
 * Compares two snapshots.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { openTrace } from "../session/sd.ts";
 *
 * const trace = openTrace("recordings/traces/redis.sdtrace");
 * const { became, ceased, stayed, mappings } = diffSnapshots(trace.at(0), trace.at(-1));
 * assert.equal(became.union(stayed).pageCount, trace.at(-1).dirty.pageCount);
 * assert.equal(ceased.union(stayed).pageCount, trace.at(0).dirty.pageCount);
 * assert.deepEqual(mappings.map((change) => change.kind), ["grew"]);
 * ```
 *
 * @throws ArgumentError if their page sizes differ.
 */
export function diffSnapshots(before: Snapshot, after: Snapshot): SnapshotDiff {
  if (before.pageSizeBytes !== after.pageSizeBytes) {
    throw new ArgumentError(
      `Snapshots with pages of ${before.pageSizeBytes} and ${after.pageSizeBytes} bytes have no common pages`,
    );
  }
  return new SnapshotDiff(before, after);
}
