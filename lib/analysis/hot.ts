/**
 * Which pages are written most often, and since when others are cold.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { openTrace } from "../session/sd.ts";
 * import { hotPages } from "./hot.ts";
 *
 * const [redis] = hotPages(openTrace("recordings/traces/redis.sdtrace").snapshots, 5);
 * assert.equal(redis.ranges.length, 5);
 * assert(redis.ranges[0].dirtyCount >= redis.ranges[4].dirtyCount);
 * ```
 *
 * @module
 */

import type { PageRange } from "../core/page_set.ts";
import type { ProcessIdentity } from "../core/process.ts";
import type { Snapshot } from "../core/snapshot.ts";
import type { SnapshotSeries } from "../core/untracked_process.ts";
import { CountBudget, type CountedRun, PageCounts } from "./page_counts.ts";
import { SeenMappings } from "./seen_mappings.ts";
import { type Covered, measureEach, type ResultMeter } from "./windows.ts";

/** Neighbouring pages that were dirty in equally many snapshots, from and until the same. */
export interface HotRange extends PageRange {
  /** Name of the mapping of the first of them, when they were last dirty; undefined if that is not known any more. */
  readonly mapping: string | undefined;
  /** In how many snapshots they were dirty. */
  readonly dirtyCount: number;
  /** From the first snapshot in which they were dirty to the last, over how often they were so again; null if once. */
  readonly meanIntervalNs: number | null;
  /** When the last snapshot in which they were dirty was read, since the session began. */
  readonly lastDirtyAtNs: number;
}

/** The number of pages that were dirty in a given number of snapshots. */
export interface DirtyCountShare {
  /** Number of snapshots in which each of these pages was dirty. */
  readonly dirtyCount: number;
  /** Pages that were dirty in exactly `dirtyCount` snapshots. */
  readonly pageCount: number;
}

/** The hot and the cold pages of one process. */
export interface HotPages {
  /** The process that was measured; of a group of processes, the one that stands for all. */
  readonly process: ProcessIdentity;
  /** Size of a page in bytes: the unit of all counts of pages beside it. */
  readonly pageSizeBytes: number;
  /** Snapshots that were counted: those that have a clear before them. */
  readonly snapshotCount: number;
  /** When the last snapshot was read, since the session began. */
  readonly endNs: number;
  /**
   * Number of neighbouring pages that are counted together, as if all were dirty when one is. It is 1
   * unless single pages would take too much memory; above 1, counts of pages are upper bounds.
   */
  readonly granularityPages: number;
  /** Pages that were dirty at least once. */
  readonly pageCount: number;
  /** Most often dirty first; of the same count, the largest first. No more than were asked for. */
  readonly ranges: readonly HotRange[];
  /** How many there are. */
  readonly rangeCount: number;
  /** By count, ascending; counts that no page has are left out. */
  readonly shares: readonly DirtyCountShare[];
}

/**
 * The hot pages of all processes of some snapshots, in the order in which they come.
 *
 * @param limit the most ranges to return for each process
 */
export function hotPages(snapshots: SnapshotSeries, limit = 20): (HotPages & Covered)[] {
  const budget = new CountBudget();
  return measureEach(snapshots, () => new Counter(budget, limit));
}

/** Counts the pages of one process; moments are the numbers of its snapshots. */
class Counter implements ResultMeter<HotPages> {
  readonly #limit: number;
  readonly #counts: PageCounts;
  readonly #timesNs: number[] = [];
  readonly #mappings = new SeenMappings();
  #last!: Snapshot;

  constructor(budget: CountBudget, limit: number) {
    this.#limit = limit;
    this.#counts = new PageCounts(budget);
  }

  add(snapshot: Snapshot): void {
    const moment = this.#timesNs.push(snapshot.atNs) - 1;
    this.#last = snapshot;
    this.#counts.add(snapshot.dirtyPopulated, moment);
    this.#mappings.add(moment, snapshot.vmas);
  }

  result(): HotPages {
    const limit = this.#limit;
    const shares = new Map<number, number>();
    let hottest: CountedRun[] = [];
    let [pageCount, rangeCount] = [0, 0];
    for (const run of this.#counts.runs()) {
      const length = run.end - run.start;
      pageCount += length;
      shares.set(run.count, (shares.get(run.count) ?? 0) + length);
      for (const part of this.#parts(run)) {
        hottest.push(part);
        rangeCount++;
      }
      // Sorted now and then, so that not all runs are held.
      if (hottest.length > 4 * limit + 1000) hottest = hottestOf(hottest, limit);
    }
    const { process, pageSizeBytes, atNs } = this.#last;
    return {
      process,
      pageSizeBytes,
      snapshotCount: this.#timesNs.length,
      endNs: atNs,
      granularityPages: this.#counts.cellPages,
      pageCount,
      rangeCount,
      ranges: hottestOf(hottest, limit).map((run) => this.#range(run)),
      shares: Array.from(shares, ([dirtyCount, pageCount]) => ({ dirtyCount, pageCount }))
        .sort((a, b) => a.dirtyCount - b.dirtyCount),
    };
  }

  /** The same, cut where mappings end. */
  *#parts(run: CountedRun): Generator<CountedRun, void, void> {
    for (let start = run.start; start < run.end;) {
      const mapping = this.#mappings.find(start, run.last);
      const end = Math.min(run.end, mapping?.end ?? run.end);
      yield { ...run, start, end };
      start = end;
    }
  }

  #range({ start, end, count, first, last }: CountedRun): HotRange {
    const [firstNs, lastDirtyAtNs] = [this.#timesNs[first], this.#timesNs[last]];
    return {
      start,
      end,
      mapping: this.#mappings.find(start, last)?.name,
      dirtyCount: count,
      meanIntervalNs: count === 1 ? null : (lastDirtyAtNs - firstNs) / (count - 1),
      lastDirtyAtNs,
    };
  }
}

function hottestOf(runs: readonly CountedRun[], limit: number): CountedRun[] {
  const lengthOf = ({ start, end }: CountedRun) => end - start;
  return runs.toSorted((a, b) => b.count - a.count || lengthOf(b) - lengthOf(a)).slice(0, limit);
}
