/**
 * The measures and forecasts of `sd`: over a trace, over snapshots, or over what this session recorded.
 *
 * @module
 */

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
import { type DirtyRate, dirtyRates } from "../analysis/rate.ts";
import { type WorkingSet, workingSets } from "../analysis/working_set.ts";
import type { Snapshot } from "../core/snapshot.ts";
import { narrow, type Narrowing } from "../query/narrow.ts";
import { Query } from "../query/query.ts";
import { TraceReader } from "../trace/reader.ts";

/** What can be measured: a file, an open trace, or snapshots. */
export type Measurable = string | TraceReader | Iterable<Snapshot>;

/** What each measure takes. */
export interface MeasureOptions {
  /** Only this part of each snapshot: as `sd.filter` takes it. */
  readonly where?: Narrowing | undefined;
}

/**
 * One result for each process, except where something else is said. Without a trace, what this session
 * recorded until now is measured, or what it replays, as a whole.
 *
 * Each throws a TraceError if a trace cannot be read, and an ExpressionError for a wrong `where`.
 */
export interface Measures {
  /** How fast processes dirty memory, in all and by mapping. */
  rate(what?: Measurable, options?: MeasureOptions): DirtyRate[];
  /** The writable working set against the length of time. */
  wss(what?: Measurable, options?: MeasureOptions): WorkingSet[];
  /** When which memory was written. */
  heat(what?: Measurable, options?: MeasureOptions & HeatOptions): HeatMap[];
  /** Which pages are written most often; `limit` ranges of each process. */
  hot(what?: Measurable, options?: MeasureOptions & { readonly limit?: number }): HotPages[];
  /** What was done to each mapping. */
  byMapping(what?: Measurable, options?: MeasureOptions): DirtyMappings[];
  /** When processes change how much, or where, they write. */
  phases(what?: Measurable, options?: MeasureOptions): Phases[];
  /** Two traces of the same program; a result for each command. */
  compare(before: Measurable, after: Measurable, options?: MeasureOptions): Comparison[];
  /** Forecasts that replay the recorded page sets. */
  readonly plan: Plans;
}

/** Forecasts; see {@linkcode Measures}. */
export interface Plans {
  /** A live migration; over 10 Gbit/s with 300 ms of downtime, if nothing else is said. */
  migrate(what?: Measurable, options?: MeasureOptions & Partial<LinkOptions>): MigrationPlan[];
  /** Incremental checkpoints; each 1, 10 and 60 s, if nothing else is said. */
  checkpoint(
    what?: Measurable,
    options?: MeasureOptions & Partial<CheckpointOptions>,
  ): CheckpointPlan[];
  /** The copy-on-write memory of a fork; of a child that lives for 5 s, if nothing else is said. */
  fork(what?: Measurable, options?: MeasureOptions & Partial<ForkOptions>): ForkPlan[];
}

/**
 * The measures of a session.
 *
 * @param own the session's trace, where there is one
 */
export function createMeasures(
  open: (file: string) => TraceReader,
  own: () => string | undefined,
): Measures {
  /** Measures; what was opened for it is closed then. */
  const over = <T>(
    what: Measurable | undefined,
    { where }: MeasureOptions = {},
    measure: (snapshots: Iterable<Snapshot>) => T,
  ): T => {
    const meant = what ?? own();
    if (meant === undefined) {
      throw new RangeError("This session records nothing; name a trace, as in sd.rate(file)");
    }
    const trace = typeof meant === "string" ? open(meant) : meant;
    try {
      const snapshots = trace instanceof TraceReader ? trace.snapshots : trace;
      return measure(where === undefined ? snapshots : narrowedEach(snapshots, where));
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

/** The part that is meant of each; those of which no mapping is left are left out. */
function narrowedEach(snapshots: Iterable<Snapshot>, where: Narrowing): Iterable<Snapshot> {
  const how = typeof where === "string" ? new Query(where) : where;
  return {
    *[Symbol.iterator]() {
      for (const snapshot of snapshots) {
        const part = narrow(snapshot, how);
        if (part.vmas.length > 0) yield part;
      }
    },
  };
}
