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
import { walkable } from "../analysis/walkable.ts";
import { type WorkingSet, workingSets } from "../analysis/working_set.ts";
import type { Snapshot } from "../core/snapshot.ts";
import { narrowEach, type Narrowing } from "../query/narrow.ts";
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
 * recorded until now is measured; in a replay, what was replayed until now, so that it says the same, or
 * the whole trace if nothing was yet.
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
  /** A live migration; by default with `{ bytesPerSecond: 1.25e9, maxDowntimeNs: 300e6 }`. */
  migrate(what?: Measurable, options?: MeasureOptions & Partial<LinkOptions>): MigrationPlan[];
  /** Incremental checkpoints; by default with `{ intervalsNs: [1e9, 10e9, 60e9] }`. */
  checkpoint(
    what?: Measurable,
    options?: MeasureOptions & Partial<CheckpointOptions>,
  ): CheckpointPlan[];
  /** The copy-on-write memory of a fork; by default with `{ durationNs: 5e9 }`. */
  fork(what?: Measurable, options?: MeasureOptions & Partial<ForkOptions>): ForkPlan[];
}

/** The options of each call, besides `where`. */
const OPTIONS = {
  heat: ["rows", "columns"],
  hot: ["limit"],
  migrate: ["bytesPerSecond", "maxDowntimeNs"],
  checkpoint: ["intervalsNs", "bytesPerSecond", "failureNs"],
  fork: ["durationNs"],
  others: [],
} as const;

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
    options: MeasureOptions = {},
    known: readonly string[],
    measure: (snapshots: Iterable<Snapshot>) => T,
  ): T => {
    assertKnown(options, known);
    const meant = what ?? own();
    if (meant === undefined) {
      throw new RangeError("This session records nothing; name a trace, as in sd.rate(file)");
    }
    const trace = typeof meant === "string" ? open(meant) : meant;
    try {
      const snapshots = trace instanceof TraceReader ? trace.snapshots : trace;
      assertSnapshots(snapshots);
      const { where } = options;
      return measure(where === undefined ? snapshots : narrowEach(walkable(snapshots), where));
    } finally {
      if (trace instanceof TraceReader && trace !== meant) trace.close();
    }
  };
  const { heat, hot, migrate, checkpoint, fork, others } = OPTIONS;
  const plan: Plans = {
    migrate: (what, options) => over(what, options, migrate, (all) => planMigrations(all, options)),
    checkpoint: (what, options) =>
      over(what, options, checkpoint, (all) => planCheckpoints(all, options)),
    fork: (what, options) => over(what, options, fork, (all) => planForks(all, options)),
  };
  return {
    rate: (what, options) => over(what, options, others, dirtyRates),
    wss: (what, options) => over(what, options, others, workingSets),
    heat: (what, options) => over(what, options, heat, (all) => heatMaps(all, options)),
    hot: (what, options) => over(what, options, hot, (all) => hotPages(all, options?.limit)),
    byMapping: (what, options) => over(what, options, others, dirtyMappings),
    phases: (what, options) => over(what, options, others, phases),
    compare: (before, after, options) =>
      over(
        before,
        options,
        others,
        (befores) => over(after, options, others, (afters) => compareTraces(befores, afters)),
      ),
    plan: Object.freeze(plan),
  };
}

/** A name that is mistyped would change nothing, and nobody would notice. */
function assertKnown(options: object, known: readonly string[]): void {
  const names = ["where", ...known];
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue;
    throw new RangeError(`There is no option ${name} here; there are ${names.join(", ")}`);
  }
}

function assertSnapshots(snapshots: unknown): void {
  if (typeof (snapshots as Iterable<Snapshot> | null)?.[Symbol.iterator] === "function") return;
  const isOptions = typeof snapshots === "object" && snapshots !== null;
  throw new RangeError(
    `${
      isOptions ? "An object" : String(snapshots)
    } is nothing to measure. Name a trace, or hand over ` +
      "snapshots; options come after that, as in sd.hot(undefined, { limit: 5 })",
  );
}
