/**
 * Time × address: when which memory was written. Both are divided as finely as fits, so that the map
 * has bounded size; memory that was never written is not in it.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { openTrace } from "../session/sd.ts";
 * import { heatMaps } from "./heat.ts";
 *
 * const [redis] = heatMaps(openTrace("recordings/traces/redis.sdtrace").snapshots, { rows: 100 });
 * assert.equal(redis.columns.length, 24);
 * assert(redis.rows.length <= 100 && redis.rows[0].dirtyPages.length === 24);
 * ```
 *
 * @module
 */

import { ArgumentError } from "../core/errors.ts";
import type { PageNumber } from "../core/page_set.ts";
import { PageUnion } from "../core/page_union.ts";
import type { ProcessIdentity } from "../core/process.ts";
import type { Snapshot } from "../core/snapshot.ts";
import type { SnapshotSeries } from "../core/untracked_process.ts";
import { CellBudget, HeatBlocks } from "./heat_blocks.ts";
import { SeenMappings } from "./seen_mappings.ts";
import { type TimeColumn, TimeColumns } from "./time_columns.ts";
import { type Covered, measureEach, type ResultMeter } from "./windows.ts";

/** How finely to divide. */
export interface HeatOptions {
  /** Rows at most; 1,024 by default. */
  readonly rows?: number | undefined;
  /** Columns at most, but two at least; 256 by default. */
  readonly columns?: number | undefined;
}

/** Neighbouring pages. */
export interface HeatRow {
  /** Page number of the first page. */
  readonly start: PageNumber;
  /** Exclusive. */
  readonly end: PageNumber;
  /** The name of the mapping in which it was written last; undefined if that is no longer known. */
  readonly mapping: string | undefined;
  /** For each column, how many of its pages were dirty in one window, on average. */
  readonly dirtyPages: readonly number[];
}

/** The map of one process. */
export interface HeatMap {
  /** The process that was measured; of a group of processes, the one that stands for all. */
  readonly process: ProcessIdentity;
  /** Size of a page in bytes: the unit of all counts of pages beside it. */
  readonly pageSizeBytes: number;
  /** Windows that were counted; each is from a clear to the read after it. */
  readonly windowCount: number;
  /** Pages that were dirty at least once. */
  readonly pageCount: number;
  /** Columns of the map, by time, ascending; each is one or more windows. */
  readonly columns: readonly TimeColumn[];
  /** By address, ascending; what was never dirty is left out. */
  readonly rows: readonly HeatRow[];
}

/** The maps of all processes of some snapshots, in the order in which they come. */
export function heatMaps(
  snapshots: SnapshotSeries,
  { rows = 1024, columns = 256 }: HeatOptions = {},
): (HeatMap & Covered)[] {
  for (const count of [rows, columns]) {
    if (!(count >= 1 && count <= 2 ** 16)) {
      throw new ArgumentError(`A map cannot have ${count} rows or columns`);
    }
  }
  const budget = new CellBudget();
  return measureEach(snapshots, () => new HeatMeter(rows, columns, budget));
}

/** Draws the map of one process. */
class HeatMeter implements ResultMeter<HeatMap> {
  readonly #blocks: HeatBlocks;
  readonly #mappings = new SeenMappings();
  readonly #union = new PageUnion();
  readonly #columns: TimeColumns;
  #last!: Snapshot;

  constructor(mostRows: number, mostColumns: number, budget: CellBudget) {
    this.#columns = new TimeColumns(mostColumns, () => this.#blocks.halveColumns());
    this.#blocks = new HeatBlocks(Math.max(1, mostRows), budget);
  }

  add(snapshot: Snapshot): void {
    const { vmas, dirtyPopulated } = snapshot;
    const moment = this.#columns.windowCount;
    this.#last = snapshot;
    this.#mappings.add(moment, vmas);
    this.#union.add(dirtyPopulated);
    this.#blocks.add(dirtyPopulated, this.#columns.add(snapshot), moment);
  }

  result(): HeatMap {
    const { process, pageSizeBytes } = this.#last;
    const columns = this.#columns.all;
    return {
      process,
      pageSizeBytes,
      windowCount: this.#columns.windowCount,
      pageCount: this.#union.pageCount,
      columns,
      rows: this.#blocks.all().map(({ start, end, counts, lastPage, lastMoment }) => ({
        start,
        end,
        mapping: this.#mappings.find(lastPage, lastMoment)?.name,
        dirtyPages: columns.map(({ windowCount }, i) => (counts[i] ?? 0) / windowCount),
      })),
    };
  }
}
