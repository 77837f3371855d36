/**
 * The measures and forecasts of `sd`: over a trace, over snapshots, or over what this session recorded.
 *
 * @module
 */

import { ArgumentError } from "../core/errors.ts";
import { compareTraces, type Comparison } from "../analysis/compare.ts";
import { type DirtyMappings, dirtyMappings } from "../analysis/dirty_mappings.ts";
import { type HeatMap, heatMaps, type HeatOptions } from "../analysis/heat.ts";
import { type HotPages, hotPages } from "../analysis/hot.ts";
import { type Phases, phases } from "../analysis/phases.ts";
import {
  type CheckpointOptions,
  type CheckpointPlan,
  planCheckpoints,
} from "../analysis/planners/checkpoint.ts";
import { type ForkOptions, type ForkPlan, planForks } from "../analysis/planners/fork.ts";
import { type MigrationPlan, planMigrations } from "../analysis/planners/migrate.ts";
import type { LinkOptions } from "../analysis/planners/pre_copy.ts";
import type { Ranged } from "../analysis/ranged.ts";
import { type DirtyRate, dirtyRates } from "../analysis/rate.ts";
import type { Covered } from "../analysis/windows.ts";
import { walkable } from "../analysis/walkable.ts";
import { type WorkingSet, workingSets } from "../analysis/working_set.ts";
import { groupSnapshots } from "../core/group_snapshots.ts";
import { Snapshot } from "../core/snapshot.ts";
import { derivedSeries, type SnapshotSeries } from "../core/untracked_process.ts";
import { filterSnapshots, type Selection } from "../query/filter.ts";
import { TraceReader } from "../trace/reader.ts";
import { boundedSnapshots } from "../files/memory_guard.ts";
import { described } from "./argument_kinds.ts";

/** What can be measured: a file, an open trace, or snapshots. */
export type Measurable = string | TraceReader | Iterable<Snapshot>;

/** What each measure takes. */
export interface MeasureOptions {
  /** Only this part of each snapshot: as `sd.filter` takes it. */
  readonly where?: Selection | undefined;
}

/** What a measure takes that has a result for all processes together. */
export interface TotalOptions extends MeasureOptions {
  /** One result for all processes together, with shared memory counted once. */
  readonly total?: boolean | undefined;
}

/**
 * One result for each process, except where something else is said. Without a trace, what this session
 * recorded until now is measured; in a replay, what was replayed until now, so that it says the same, or
 * the whole trace if nothing was yet.
 *
 * Each throws a TraceError if a trace cannot be read, and an ExpressionError for a wrong `where`.
 */
export interface Measures {
  /** How fast processes dirty memory, in all and by mapping. */
  rate(what?: Measurable, options?: TotalOptions): Ranged<DirtyRate>[];
  /** The writable working set against the length of time. */
  wss(what?: Measurable, options?: TotalOptions): Ranged<WorkingSet>[];
  /** When which memory was written. */
  heat(what?: Measurable, options?: MeasureOptions & HeatOptions): (HeatMap & Covered)[];
  /** Which pages are written most often; `limit` ranges of each process. */
  hot(
    what?: Measurable,
    options?: MeasureOptions & { readonly limit?: number },
  ): (HotPages & Covered)[];
  /** What was done to each mapping. */
  byMapping(what?: Measurable, options?: TotalOptions): (DirtyMappings & Covered)[];
  /** When processes change how much, or where, they write. */
  phases(what?: Measurable, options?: MeasureOptions): (Phases & Covered)[];
  /** Two traces of the same program; a result for each command. */
  compare(before: Measurable, after: Measurable, options?: MeasureOptions): Comparison[];
  /** Forecasts that replay the recorded page sets. */
  readonly plan: Plans;
}

/** Forecasts; see {@linkcode Measures}. */
export interface Plans {
  /** A live migration; by default with `{ bytesPerSecond: 1.25e9, maxDowntimeNs: 300e6 }`. */
  migrate(
    what?: Measurable,
    options?: TotalOptions & Partial<LinkOptions>,
  ): Ranged<MigrationPlan>[];
  /** Incremental checkpoints; by default with `{ intervalsNs: [1e9, 10e9, 60e9] }`. */
  checkpoint(
    what?: Measurable,
    options?: TotalOptions & Partial<CheckpointOptions>,
  ): Ranged<CheckpointPlan>[];
  /** The copy-on-write memory of a fork; by default with `{ durationNs: 5e9 }`. */
  fork(what?: Measurable, options?: MeasureOptions & Partial<ForkOptions>): Ranged<ForkPlan>[];
}

/**
 * The measures of a session.
 *
 * @param own what is measured if nothing is named: a trace or snapshots, if there is such a thing
 */
export function createMeasures(
  open: (file: string) => TraceReader,
  own: () => Measurable | undefined,
): Measures {
  /** Measures; what was opened for it is closed then. */
  const over = <T>(
    what: Measurable | undefined,
    { where, total }: TotalOptions = {},
    measure: (snapshots: SnapshotSeries) => T,
  ): T => {
    const meant = what ?? own();
    if (meant === undefined) {
      throw new ArgumentError("This session records nothing", "Name a trace, as in sd.rate(file)");
    }
    const trace = typeof meant === "string" ? open(meant) : meant;
    try {
      const snapshots = trace instanceof TraceReader
        ? boundedSnapshots(trace)
        : onlySnapshots(trace);
      const walked = walkable(snapshots);
      const part = where === undefined ? walked : filterSnapshots(walked, where);
      return measure(total === true ? groupSnapshots(part) : part);
    } finally {
      if (trace instanceof TraceReader && trace !== meant) trace.close();
    }
  };
  const plan: Plans = {
    migrate: (what, options) => over(what, options, (all) => planMigrations(all, options)),
    checkpoint: (what, options) => over(what, options, (all) => planCheckpoints(all, options)),
    fork: (what, options) => over(what, options, (all) => planForks(all, options)),
  };
  return {
    rate: (what, options) => over(what, options, dirtyRates),
    wss: (what, options) => over(what, options, workingSets),
    heat: (what, options) => over(what, options, (all) => heatMaps(all, options)),
    hot: (what, options) => over(what, options, (all) => hotPages(all, options?.limit)),
    byMapping: (what, options) => over(what, options, dirtyMappings),
    phases: (what, options) => over(what, options, phases),
    compare: (before, after, options) =>
      over(
        before,
        options,
        (befores) => over(after, options, (afters) => compareTraces(befores, afters)),
      ),
    plan: Object.freeze(plan),
  };
}

/** The same, of which each is looked at as it comes. */
function onlySnapshots(all: SnapshotSeries): SnapshotSeries {
  const walked = walkable(all);
  return derivedSeries(walked, function* () {
    let index = 0;
    for (const one of walked) {
      if (!(one instanceof Snapshot)) throw noSnapshot(one, index);
      yield one;
      index++;
    }
  });
}

function noSnapshot(one: unknown, index: number): ArgumentError {
  return new ArgumentError(
    `Of what is to be measured, number ${index} is ${described(one)}; ` +
      "expected snapshots, as from sd.watch() or trace.snapshots",
  );
}
