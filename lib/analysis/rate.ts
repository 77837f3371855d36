/**
 * How fast processes dirty memory.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { openTrace } from "../session/sd.ts";
 * import { dirtyRates } from "./rate.ts";
 *
 * const [redis] = dirtyRates(openTrace("recordings/traces/redis.sdtrace").snapshots);
 * assert.equal(redis.process.command, "redis-server");
 * assert(redis.bytesPerSecond.min <= redis.meanBytesPerSecond);
 * ```
 *
 * @module
 */

import type { ProcessIdentity } from "../core/process.ts";
import type { Snapshot } from "../core/snapshot.ts";
import type { SnapshotSeries } from "../core/untracked_process.ts";
import { type Distribution, distribution } from "./distribution.ts";
import { pagesByName } from "./pages_by_name.ts";
import { type Ranged, rangedEach } from "./ranged.ts";
import { measureEach, type ResultMeter, windowOf } from "./windows.ts";

const NS_PER_SECOND = 1e9;

/** Bytes a second, over the windows of one process. */
export interface RateOfPages {
  /** Pages that were dirty, and that exist; one that was so in two windows counts twice. */
  readonly dirtyPages: number;
  /** All of them over all of the time. */
  readonly meanBytesPerSecond: number;
  /** Of the single windows, each of the same weight. */
  readonly bytesPerSecond: Distribution;
}

/** The rate of the mappings of one name. */
export interface MappingRate extends RateOfPages {
  /** The name of the mappings, as `/proc/PID/maps` prints it. Hostile text. */
  readonly name: string;
}

/**
 * How fast one process dirties memory.
 *
 * A window is counted with its longest length, from the beginning of the clear to the end of the read,
 * so that each rate is a lower bound; the mean over `shortestNs` is an upper bound.
 * A page that is written many times in a window is dirty once.
 */
export interface DirtyRate extends RateOfPages {
  /** The process that was measured; of a group of processes, the one that stands for all. */
  readonly process: ProcessIdentity;
  /** Size of a page in bytes: the unit of all counts of pages beside it. */
  readonly pageSizeBytes: number;
  /** How long all windows are together. */
  readonly durationNs: number;
  /** How long they would be if each were counted from the end of the clear to the beginning of the read. */
  readonly shortestNs: number;
  /** By name, the fastest first. */
  readonly mappings: readonly MappingRate[];
}

/**
 * The rates of all processes of some snapshots, in the order in which they come. Shared memory that is
 * mapped several times counts once.
 */
export function dirtyRates(snapshots: SnapshotSeries): Ranged<DirtyRate>[] {
  return rangedEach(snapshots, (each) => measureEach(each, () => new RateMeter()));
}

/** Pages, and the rates of the windows that had any. */
class Series {
  dirtyPages = 0;
  readonly #bytesPerSecond: number[] = [];

  add(pageCount: number, bytes: number, durationNs: number): void {
    if (pageCount === 0) return;
    this.dirtyPages += pageCount;
    this.#bytesPerSecond.push(bytes / durationNs * NS_PER_SECOND);
  }

  result(windowCount: number, pageSizeBytes: number, durationNs: number): RateOfPages {
    const { dirtyPages } = this;
    return {
      dirtyPages,
      meanBytesPerSecond: dirtyPages * pageSizeBytes / durationNs * NS_PER_SECOND,
      bytesPerSecond: distribution(this.#bytesPerSecond, windowCount - this.#bytesPerSecond.length),
    };
  }
}

/** Counts the windows of one process. */
class RateMeter implements ResultMeter<DirtyRate> {
  readonly #all = new Series();
  readonly #mappings = new Map<string, Series>();
  #last!: Snapshot;
  #windowCount = 0;
  #durationNs = 0;
  #shortestNs = 0;

  add(snapshot: Snapshot): void {
    const { longestNs, shortestNs } = windowOf(snapshot)!;
    const { pageSizeBytes, dirtyPopulated: dirty } = snapshot;
    this.#last = snapshot;
    this.#windowCount++;
    this.#durationNs += longestNs;
    this.#shortestNs += shortestNs;
    this.#all.add(dirty.pageCount, dirty.pageCount * pageSizeBytes, longestNs);
    for (const [name, pageCount] of pagesByName(snapshot.vmas, dirty)) {
      const series = this.#mappings.get(name) ?? new Series();
      this.#mappings.set(name, series);
      series.add(pageCount, pageCount * pageSizeBytes, longestNs);
    }
  }

  result(): DirtyRate {
    const { process, pageSizeBytes } = this.#last;
    const durationNs = this.#durationNs;
    const resultOf = (series: Series) =>
      series.result(this.#windowCount, pageSizeBytes, durationNs);
    return {
      process,
      pageSizeBytes,
      durationNs,
      shortestNs: this.#shortestNs,
      ...resultOf(this.#all),
      mappings: Array.from(this.#mappings, ([name, series]) => ({ name, ...resultOf(series) }))
        .sort((a, b) => b.dirtyPages - a.dirtyPages),
    };
  }
}
