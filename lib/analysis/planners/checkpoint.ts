/**
 * What would incremental checkpoints of a process write, and how often is it best to make one?
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { openTrace } from "../../session/sd.ts";
 * import { planCheckpoints } from "./checkpoint.ts";
 *
 * const { snapshots } = openTrace("recordings/traces/redis.sdtrace");
 * const [plan] = planCheckpoints(snapshots, { intervalsNs: [1e9, 5e9] });
 * const [second, fiveSeconds] = plan.intervals.filter(({ isAsked }) => isAsked);
 * assert(second.meanPages! < fiveSeconds.meanPages!);
 * assert(fiveSeconds.meanPages! < plan.fullPages);
 * ```
 *
 * @module
 */

import { ArgumentError } from "../../core/errors.ts";
import type { ProcessIdentity } from "../../core/process.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { SnapshotSeries } from "../../core/untracked_process.ts";
import type { Distribution } from "../distribution.ts";
import { type Ranged, rangedEach } from "../ranged.ts";
import { measureEach, type ResultMeter, windowOf } from "../windows.ts";
import { WorkingSetCurve } from "../working_set_curve.ts";
import { Increment, IncrementSeries, type Sizes } from "./increments.ts";
import { KnownMemory } from "./known_memory.ts";
import { privatePages, untrackedMemory } from "./private_pages.ts";
import { transferNs } from "./stop_rules.ts";

/** What is asked for. */
export interface CheckpointOptions {
  /** Times from one checkpoint to the next; 1, 10 and 60 s by default. */
  readonly intervalsNs: readonly number[];
  /** How fast checkpoints are written; 500 MiB/s by default. */
  readonly bytesPerSecond?: number | undefined;
  /** Mean time between failures, after which all since the last checkpoint is lost; a day by default. */
  readonly failureNs?: number | undefined;
}

/** Checkpoints at one interval. */
export interface CheckpointInterval {
  /** What was asked for, or a power of two of the trace's own windows. */
  readonly intervalNs: number;
  /** True for an interval of `intervalsNs`; false for a power of two of windows. */
  readonly isAsked: boolean;
  /** How long it really was: whole windows. */
  readonly meanIntervalNs: number;
  /** How many whole intervals the trace has; if there are none, the rest is null. */
  readonly count: number;
  /** Pages that one incremental checkpoint writes. */
  readonly pages: Distribution | null;
  /** Mean of `pages`. */
  readonly meanPages: number | null;
  /** Time to write `meanPages` at the plan's `bytesPerSecond`. */
  readonly writeNs: number | null;
  /** How much shorter that is than a full dump. */
  readonly savedNs: number | null;
  /**
   * The part of its time that a process loses: to writing checkpoints, and to doing again what a
   * failure undid (J. W. Young, "A First Order Approximation to the Optimum Checkpoint Interval", CACM
   * 1974): `write / interval + interval / (2 failure)`.
   */
  readonly lostShare: number | null;
}

/** The forecast for one process. */
export interface CheckpointPlan {
  /** The process that was measured; of a group of processes, the one that stands for all. */
  readonly process: ProcessIdentity;
  /** Size of a page in bytes: the unit of all counts of pages beside it. */
  readonly pageSizeBytes: number;
  /** Windows that were counted; each is from a clear to the read after it. */
  readonly windowCount: number;
  /** Length of all windows together. */
  readonly durationNs: number;
  /** Speed at which checkpoints are written. */
  readonly bytesPerSecond: number;
  /** Mean time between failures. */
  readonly failureNs: number;
  /** Pages of a full dump, on average. */
  readonly fullPages: number;
  /** Time to write a full dump of `fullPages`. */
  readonly fullNs: number;
  /** Pages of shared memory and of files, which a dump of the process leaves to others; on average. */
  readonly leftOutPages: number;
  /** False if the tracker did not report which pages exist; a full dump is then at most what is mapped. */
  readonly isMemoryRecorded: boolean;
  /** How often it would be best to make full dumps, by the same formula: `sqrt(2 write failure)`. */
  readonly bestFullNs: number;
  /** Ascending. */
  readonly intervals: readonly CheckpointInterval[];
  /** The one with which the least time is lost. */
  readonly best: CheckpointInterval;
}

const DAY_NS = 86_400e9;
const BYTES_PER_SECOND = 500 * 2 ** 20;
const INTERVALS_NS: readonly number[] = [1e9, 10e9, 60e9];

/**
 * The forecasts for all processes of some snapshots, in the order in which they come.
 *
 * @throws ArgumentError if an interval, the speed or the time between failures is not above 0
 */
export function planCheckpoints(
  snapshots: SnapshotSeries,
  options: Partial<CheckpointOptions> = {},
): Ranged<CheckpointPlan>[] {
  const { intervalsNs = [], bytesPerSecond = 1, failureNs = 1 } = options;
  for (const value of [...intervalsNs, bytesPerSecond, failureNs]) {
    if (!(value > 0)) throw new ArgumentError(`No checkpoint can be planned with ${value}`);
  }
  return rangedEach(snapshots, (each) => measureEach(each, () => new Planner(options)));
}

/** Plans for one process. */
class Planner implements ResultMeter<CheckpointPlan> {
  readonly #bytesPerSecond: number;
  readonly #failureNs: number;
  readonly #series: readonly IncrementSeries[];
  readonly #curve = new WorkingSetCurve();
  #last!: Snapshot;
  #windowCount = 0;
  #durationNs = 0;
  readonly #memory = new KnownMemory();
  #fullPages = 0;
  #leftOutPages = 0;

  constructor({ intervalsNs, bytesPerSecond, failureNs }: Partial<CheckpointOptions>) {
    this.#bytesPerSecond = bytesPerSecond ?? BYTES_PER_SECOND;
    this.#failureNs = failureNs ?? DAY_NS;
    const first = new Increment();
    this.#series = (intervalsNs ?? INTERVALS_NS).map((intervalNs) =>
      new IncrementSeries(intervalNs, first)
    );
  }

  add(snapshot: Snapshot): void {
    const { longestNs } = windowOf(snapshot)!;
    // An increment has to hold pages of which it is unknown whether they were written.
    const saved = snapshot.dirtyPopulated.union(untrackedMemory(snapshot));
    const pages = privatePages(saved, snapshot);
    const memory = this.#memory.after(snapshot);
    const own = privatePages(memory, snapshot);
    this.#fullPages += own.pageCount;
    this.#leftOutPages += memory.pageCount - own.pageCount;
    let next: Increment | undefined;
    for (const series of this.#series) {
      series.add(pages, longestNs, own, () => next ??= new Increment());
    }
    this.#curve.add(pages, this.#durationNs, this.#durationNs + longestNs, own);
    this.#durationNs += longestNs;
    this.#windowCount++;
    this.#last = snapshot;
  }

  result(): CheckpointPlan {
    const { process, pageSizeBytes } = this.#last;
    const fullPages = this.#fullPages / this.#windowCount;
    const fullNs = this.#writeNs(fullPages);
    const asked = this.#series.map(({ intervalNs, sizes }) =>
      sizes === undefined ? notReached(intervalNs) : this.#interval(sizes, true, fullNs)
    );
    const own = this.#curve.points()
      .map(({ meanDurationNs, pages, meanPages }) => ({
        ...{ intervalNs: meanDurationNs, meanIntervalNs: meanDurationNs, pages, meanPages },
      }))
      .map((sizes) => this.#interval(sizes, false, fullNs));
    const intervals = [...asked, ...own].sort((a, b) => a.intervalNs - b.intervalNs);
    const lost = ({ lostShare }: CheckpointInterval) => lostShare ?? Infinity;
    return {
      process,
      pageSizeBytes,
      windowCount: this.#windowCount,
      durationNs: this.#durationNs,
      bytesPerSecond: this.#bytesPerSecond,
      failureNs: this.#failureNs,
      fullPages,
      fullNs,
      bestFullNs: Math.sqrt(2 * fullNs * this.#failureNs),
      leftOutPages: this.#leftOutPages / this.#windowCount,
      isMemoryRecorded: this.#memory.isRecorded,
      intervals,
      best: intervals.reduce((best, one) => lost(one) < lost(best) ? one : best),
    };
  }

  #interval(sizes: Sizes, isAsked: boolean, fullNs: number): CheckpointInterval {
    const { meanIntervalNs, meanPages } = sizes;
    const writeNs = this.#writeNs(meanPages);
    return {
      ...sizes,
      isAsked,
      count: sizes.pages.count,
      writeNs,
      savedNs: fullNs - writeNs,
      lostShare: writeNs / meanIntervalNs + meanIntervalNs / (2 * this.#failureNs),
    };
  }

  #writeNs(pages: number): number {
    return transferNs(pages * this.#last.pageSizeBytes, this.#bytesPerSecond);
  }
}

/** An interval that is longer than the trace. */
function notReached(intervalNs: number): CheckpointInterval {
  const none = { pages: null, meanPages: null, writeNs: null, savedNs: null, lostShare: null };
  return { intervalNs, isAsked: true, meanIntervalNs: 0, count: 0, ...none };
}
