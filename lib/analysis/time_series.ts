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
import { halve, type TimeColumn, TimeColumns } from "./time_columns.ts";
import { type Covered, measureEach, type ResultMeter, windowOf } from "./windows.ts";

/** The series of one process; each list has a number for each column. */
export interface TimeSeries {
  readonly process: ProcessIdentity;
  readonly pageSizeBytes: number;
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

/** So many names are told apart while windows are added, and so many in the end. */
const MOST_NAMES = 1024;
const TOLD_NAMES = 64;

/** What stands for names that are not told apart. */
export const OTHER_NAMES = "(others)";

/** The series of all processes of some snapshots, in the order in which they come. */
export function timeSeries(snapshots: SnapshotSeries, columns = 512): (TimeSeries & Covered)[] {
  return measureEach(snapshots, () => new SeriesMeter(columns));
}

/** Adds up the windows of one process. */
class SeriesMeter implements ResultMeter<TimeSeries> {
  readonly #columns: TimeColumns;
  readonly #durationNs: Float64Array;
  readonly #dirty: Float64Array;
  readonly #untracked: Float64Array;
  readonly #byName = new Map<string, Float64Array>();
  #last!: Snapshot;

  constructor(mostColumns: number) {
    this.#columns = new TimeColumns(mostColumns, () => {
      for (const values of [this.#durationNs, this.#dirty, ...this.#byName.values()]) halve(values);
      for (let i = 0; i < this.#untracked.length; i++) {
        const pair = this.#untracked.subarray(2 * i, 2 * i + 2);
        this.#untracked[i] = Math.max(0, ...pair);
      }
    });
    this.#durationNs = new Float64Array(this.#columns.most);
    this.#dirty = new Float64Array(this.#columns.most);
    this.#untracked = new Float64Array(this.#columns.most);
  }

  add(snapshot: Snapshot): void {
    const { dirtyPopulated: dirty, untracked, vmas } = snapshot;
    const column = this.#columns.add(snapshot);
    this.#last = snapshot;
    this.#durationNs[column] += windowOf(snapshot)!.longestNs;
    this.#dirty[column] += dirty.pageCount;
    this.#untracked[column] = Math.max(this.#untracked[column], untracked.pageCount);
    for (const [name, pages] of pagesByName(vmas, dirty)) this.#of(name)[column] += pages;
  }

  #of(name: string): Float64Array {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    if (this.#byName.size >= MOST_NAMES && name !== OTHER_NAMES) return this.#of(OTHER_NAMES);
    const values = new Float64Array(this.#columns.most);
    this.#byName.set(name, values);
    return values;
  }

  result(): TimeSeries {
    const { process, pageSizeBytes } = this.#last;
    const columns = this.#columns.all;
    const told = (values: Float64Array) => Array.from(values.subarray(0, columns.length));
    const sum = (values: Float64Array) => values.reduce((sum, pages) => sum + pages, 0);
    const sorted = [...this.#byName].filter(([name]) => name !== OTHER_NAMES)
      .sort(([, a], [, b]) => sum(b) - sum(a));
    const rest = sorted.splice(TOLD_NAMES).map(([, values]) => values);
    const others = this.#byName.get(OTHER_NAMES);
    if (others !== undefined) rest.push(others);
    if (rest.length > 0) {
      const all = rest.reduce((all, values) => all.map((pages, i) => pages + values[i]));
      sorted.push([OTHER_NAMES, all]);
    }
    return {
      process,
      pageSizeBytes,
      columns,
      durationNs: told(this.#durationNs),
      dirtyPages: told(this.#dirty),
      untrackedPages: told(this.#untracked),
      names: sorted.map(([name]) => name),
      dirtyPagesByName: sorted.map(([, values]) => told(values)),
    };
  }
}
