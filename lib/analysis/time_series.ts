/**
 * How much memory was dirtied over time, in all and by the names of mappings.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { openTrace } from "../session/sd.ts";
 * import { timeSeries } from "./time_series.ts";
 *
 * const [redis] = timeSeries(openTrace("recordings/traces/redis.sdtrace").snapshots, 8);
 * assert(redis.columns.length <= 8);
 * assert.equal(redis.names.length, redis.dirtyPagesByName.length);
 * ```
 *
 * @module
 */

import type { ProcessIdentity } from "../core/process.ts";
import type { Snapshot } from "../core/snapshot.ts";
import type { SnapshotSeries } from "../core/untracked_process.ts";
import { pagesByName } from "./pages_by_name.ts";
import { ColumnSums, type TimeColumn, TimeColumns } from "./time_columns.ts";
import { type Covered, measureEach, type ResultMeter, windowOf } from "./windows.ts";

/** The series of one process; each list has a number for each column. */
export interface TimeSeries {
  /** The process that was measured; of a group of processes, the one that stands for all. */
  readonly process: ProcessIdentity;
  /** Size of a page in bytes: the unit of all counts of pages beside it. */
  readonly pageSizeBytes: number;
  /** By time, ascending; each is one or more windows. */
  readonly columns: readonly TimeColumn[];
  /** How long the windows of each column are together. */
  readonly durationNs: readonly number[];
  /** Dirty pages that exist, of all windows of a column. */
  readonly dirtyPages: readonly number[];
  /** The most pages that were untracked in any window of a column. */
  readonly untrackedPages: readonly number[];
  /** The names of mappings, those with the most dirty pages first; the last may stand for all others. */
  readonly names: readonly string[];
  /** For each name, its part of `dirtyPages`. */
  readonly dirtyPagesByName: readonly (readonly number[])[];
}

/** The most names with counts of their own while windows are added. */
const MOST_NAMES = 1024;
/** The most names with counts of their own in the result. */
const TOLD_NAMES = 64;

/** The name for all names that have no counts of their own. */
export const OTHER_NAMES = "(others)";

/** The series of all processes of some snapshots, in the order in which they come. */
export function timeSeries(snapshots: SnapshotSeries, columns = 512): (TimeSeries & Covered)[] {
  return measureEach(snapshots, () => new SeriesMeter(columns));
}

/** Adds up the windows of one process. */
class SeriesMeter implements ResultMeter<TimeSeries> {
  readonly #columns: TimeColumns;
  readonly #durationNs = new ColumnSums();
  readonly #dirty = new ColumnSums();
  readonly #untracked = new ColumnSums(Math.max);
  readonly #byName = new Map<string, ColumnSums>();
  #last!: Snapshot;

  constructor(mostColumns: number) {
    this.#columns = new TimeColumns(mostColumns, () => {
      const all = [this.#durationNs, this.#dirty, this.#untracked, ...this.#byName.values()];
      for (const sums of all) sums.halve();
    });
  }

  add(snapshot: Snapshot): void {
    const { dirtyPopulated: dirty, untracked, vmas } = snapshot;
    const column = this.#columns.add(snapshot);
    this.#last = snapshot;
    this.#durationNs.add(column, windowOf(snapshot)!.longestNs);
    this.#dirty.add(column, dirty.pageCount);
    this.#untracked.add(column, untracked.pageCount);
    for (const [name, pages] of pagesByName(vmas, dirty)) this.#of(name).add(column, pages);
  }

  #of(name: string): ColumnSums {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    if (this.#byName.size >= MOST_NAMES && name !== OTHER_NAMES) return this.#of(OTHER_NAMES);
    const sums = new ColumnSums();
    this.#byName.set(name, sums);
    return sums;
  }

  result(): TimeSeries {
    const { process, pageSizeBytes } = this.#last;
    const columns = this.#columns.all;
    const sumsOf = (sums: ColumnSums) => sums.first(columns.length);
    const sorted = Array.from(this.#byName, ([name, sums]) => ({ name, sums, all: sums.total }))
      .filter(({ name }) => name !== OTHER_NAMES).sort((a, b) => b.all - a.all);
    const rest = sorted.splice(TOLD_NAMES).map(({ sums }) => sums);
    const others = this.#byName.get(OTHER_NAMES);
    if (others !== undefined) rest.push(others);
    const series = sorted.map(({ name, sums }) => ({ name, pages: sumsOf(sums) }));
    if (rest.length > 0) {
      const all = new ColumnSums();
      for (const one of rest) all.addAll(one);
      series.push({ name: OTHER_NAMES, pages: sumsOf(all) });
    }
    return {
      process,
      pageSizeBytes,
      columns,
      durationNs: sumsOf(this.#durationNs),
      dirtyPages: sumsOf(this.#dirty),
      untrackedPages: sumsOf(this.#untracked),
      names: series.map(({ name }) => name),
      dirtyPagesByName: series.map(({ pages }) => pages),
    };
  }
}
