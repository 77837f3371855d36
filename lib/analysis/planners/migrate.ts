/**
 * Would a live migration of a process converge, and how long would the process be stopped?
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { openTrace } from "../../session/sd.ts";
 * import { planMigrations } from "./migrate.ts";
 *
 * const snapshots = [...openTrace("recordings/traces/redis.sdtrace").snapshots];
 * const gigabit = { bytesPerSecond: 125e6, maxDowntimeNs: 300e6 };
 * const [plan] = planMigrations(snapshots, gigabit);
 * assert.equal(plan.qemu.isWithinDowntime, true);
 * assert(plan.neededBytesPerSecond! < 125e6);
 * ```
 *
 * @module
 */

import { ArgumentError } from "../../core/errors.ts";
import type { SnapshotSeries } from "../../core/untracked_process.ts";
import { type Ranged, rangedEach } from "../ranged.ts";
import type { Covered } from "../windows.ts";
import { type Distribution, distribution } from "../distribution.ts";
import { type ConstantRate, constantRate } from "./constant_rate.ts";
import { type LinkOptions, PreCopy, type PreCopyOutcome } from "./pre_copy.ts";
import { MigrationStart, type StartObserver, WindowReplay } from "./replay.ts";
import { QEMU, XEN } from "./stop_rules.ts";
import type { Timeline } from "./timeline.ts";
import { log2, power } from "../exact_math.ts";

/** The same migration, begun at several moments of the trace. */
export interface StartMoments {
  /** Migrations that were tried. */
  readonly count: number;
  /** Number of starts whose downtime was within the allowed one. */
  readonly convergedCount: number;
  /** Time for which the process was stopped, over all starts. */
  readonly downtimeNs: Distribution;
  /** Time from the first byte to the last, downtime included, over all starts. */
  readonly totalNs: Distribution;
}

/** The forecast for one process. */
export interface MigrationPlan {
  /** The windows that were replayed, summed up; `everDirtyPages` were dirty in any of them. */
  readonly timeline: Omit<Timeline, "program">;
  /** The link and the downtime limit that were asked for. */
  readonly link: LinkOptions;
  /** By QEMU's rule, and by Xen's; begun with the first window. */
  readonly qemu: PreCopyOutcome;
  /** The same migration by the rule of Xen. */
  readonly xen: PreCopyOutcome;
  /**
   * The shortest and the longest downtime by QEMU's rule, for growth exponents from 0 to 1 in windows
   * in which a round ends: the time at which a page was written within its window is unknown.
   */
  readonly openDowntimeNs: { readonly least: number; readonly most: number };
  /** By QEMU's rule, from moments that are spread over the trace. */
  readonly starts: StartMoments;
  /** What a constant rate predicts: the mean of all windows. */
  readonly formula: ConstantRate;
  /**
   * The slowest link with which QEMU's rule stops in time from each of these moments, to 2 %; null if
   * there is none up to 8 TiB/s, and 0 if any would do.
   */
  readonly neededBytesPerSecond: number | null;
}

/** Powers of time with which pages may come within a window; the time line's own is tried as well. */
const GROWTHS = [0, 0.2, 0.4, 0.6, 0.8, 1];

/** Processes whose migrations are played at a time: for each, two hundred links and moments are. */
const AT_A_TIME = 64;

/** Moments that are tried: at most 8 of each process, and 8,192 of all together, but one of each. */
const STARTS = 8;
const STARTS_OF_ALL = 1 << 13;

const USUAL_LINK: LinkOptions = { bytesPerSecond: 1.25e9, maxDowntimeNs: 300e6 };

/**
 * The forecasts for all processes of some snapshots, which are walked several times.
 *
 * @param link 10 Gbit/s and 300 ms by default
 * @throws ArgumentError if nothing can be sent over it
 */
export function planMigrations(
  snapshots: SnapshotSeries,
  {
    bytesPerSecond = USUAL_LINK.bytesPerSecond,
    maxDowntimeNs = USUAL_LINK.maxDowntimeNs,
  }: Partial<LinkOptions> = {},
): Ranged<MigrationPlan>[] {
  if (!(bytesPerSecond > 0 && maxDowntimeNs >= 0)) {
    throw new ArgumentError(
      `Nothing migrates with ${bytesPerSecond} bytes a second in ${maxDowntimeNs} ns`,
    );
  }
  const link = { bytesPerSecond, maxDowntimeNs };
  return rangedEach(snapshots, (each) => migrationsOf(new WindowReplay(each), link));
}

/** The same for what is replayed, of which other plans can be made as well. */
export function migrationsOf(replay: WindowReplay, link = USUAL_LINK): (MigrationPlan & Covered)[] {
  const { timelines } = replay;
  const mostStarts = Math.max(1, Math.min(STARTS, Math.floor(STARTS_OF_ALL / timelines.length)));
  const plans: (MigrationPlan & Covered)[] = [];
  for (let i = 0; i < timelines.length; i += AT_A_TIME) {
    plans.push(...migrationsOfSome(replay, timelines.slice(i, i + AT_A_TIME), link, mostStarts));
  }
  return plans;
}

function migrationsOfSome(
  replay: WindowReplay,
  all: readonly (Timeline & Covered)[],
  link: LinkOptions,
  mostStarts: number,
): (MigrationPlan & Covered)[] {
  const first = outcomesOf(replay, all, (timeline) => {
    const qemu = (skip: number, growth?: number) =>
      new MigrationStart(skip, (memory) => new PreCopy(QEMU, timeline, link, memory, growth));
    return [
      new MigrationStart(0, (memory) => new PreCopy(XEN, timeline, link, memory)),
      ...GROWTHS.map((growth) => qemu(0, growth)),
      ...startsOf(timeline, mostStarts).map((skip) => qemu(skip)),
    ];
  });
  const tooSlow = all.filter((one) =>
    first.get(one)!.slice(-startsOf(one, mostStarts).length).some(({ isWithinDowntime }) =>
      !isWithinDowntime
    )
  );
  const needed = neededRates(replay, all, link, new Set(tooSlow), mostStarts);
  return all.map((timeline) => {
    const [xen, ...outcomes] = first.get(timeline)!;
    const starts = outcomes.slice(GROWTHS.length);
    const open = outcomes.slice(0, GROWTHS.length + 1).map(({ downtimeNs }) => downtimeNs);
    const { everDirtyPages, program: _, coverage, ...rest } = timeline;
    const { dirtyPages, pageSizeBytes, durationNs, memoryPages } = timeline;
    const rate = dirtyPages * pageSizeBytes / durationNs * 1e9;
    return {
      timeline: { ...rest, everDirtyPages },
      coverage,
      link,
      qemu: starts[0],
      xen,
      openDowntimeNs: { least: Math.min(...open), most: Math.max(...open) },
      starts: {
        count: starts.length,
        convergedCount: starts.filter(({ isWithinDowntime }) => isWithinDowntime).length,
        downtimeNs: distribution(starts.map(({ downtimeNs }) => downtimeNs)),
        totalNs: distribution(starts.map(({ totalNs }) => totalNs)),
      },
      formula: constantRate(memoryPages * pageSizeBytes, rate, link),
      neededBytesPerSecond: needed.get(timeline) ?? null,
    };
  });
}

/** The windows to begin with, spread over the trace. */
function startsOf({ windowCount }: Timeline, most: number): number[] {
  const count = Math.min(most, windowCount);
  return Array.from({ length: count }, (_, i) => Math.floor(i * windowCount / count));
}

function outcomesOf(
  replay: WindowReplay,
  all: readonly Timeline[],
  startsFor: (timeline: Timeline) => readonly MigrationStart[],
): Map<Timeline, PreCopyOutcome[]> {
  const starts = new Map(all.map((timeline) => [timeline, startsFor(timeline)]));
  replay.play(starts);
  return new Map(Array.from(starts, ([timeline, each]) => [
    timeline,
    each.map(({ outcome }) => outcome!),
  ]));
}

const SLOWEST = 2 ** 13;
const FASTEST = 2 ** 43;

/**
 * Tries links, each twice as fast as the one before; and then between the last that failed and the next.
 *
 * @param tooSlow those for which the link that was asked for is
 */
function neededRates(
  replay: WindowReplay,
  all: readonly Timeline[],
  { bytesPerSecond, maxDowntimeNs }: LinkOptions,
  tooSlow: ReadonlySet<Timeline>,
  mostStarts: number,
): Map<Timeline, number> {
  const fastEnough = (slowest: ReadonlyMap<Timeline, number>, span: number, factor: number) => {
    const count = Math.ceil(log2(span) / log2(factor)) + 1;
    const tried = new Map(Array.from(slowest, ([timeline, first]) => {
      const rates = Array.from({ length: count }, (_, i) => first * power(factor, i));
      // Where the link itself is too slow, a slower one is left out, whatever it would do by luck.
      const meantRates = tooSlow.has(timeline)
        ? rates.filter((rate) => rate > bytesPerSecond)
        : rates;
      return [
        timeline,
        new LinkLadder(timeline, startsOf(timeline, mostStarts), meantRates, maxDowntimeNs),
      ];
    }));
    replay.play(new Map(Array.from(tried, ([timeline, { starts }]) => [timeline, starts])));
    return new Map(
      Array.from(tried).flatMap(([timeline, ladder]) => {
        const rate = ladder.slowestEnough;
        return rate === undefined ? [] : [[timeline, rate] as const];
      }),
    );
  };
  const slowest = new Map(all.map((timeline) => [timeline, SLOWEST]));
  const roughly = fastEnough(slowest, FASTEST / SLOWEST, 2);
  const isAny = (rate: number) => rate <= SLOWEST;
  const found = [...roughly].filter(([, rate]) => !isAny(rate));
  const finely = fastEnough(
    new Map(found.map(([timeline, rate]) => [timeline, rate / 2])),
    2,
    1.02,
  );
  // Of the fine steps the last may fail by chance, where the rough one did not.
  return new Map(Array.from(roughly, ([timeline, rate]) => [
    timeline,
    isAny(rate) ? 0 : finely.get(timeline) ?? rate,
  ]));
}

/** The same migrations over faster and faster links. */
class LinkLadder {
  /** For each link, one from each moment. */
  readonly starts: readonly MigrationStart[];
  readonly #rates: readonly number[];
  /** The number of the fastest link that is known to be too slow; -1 if there is none yet. */
  #fastestFailure = -1;

  constructor(
    timeline: Timeline,
    skips: readonly number[],
    rates: readonly number[],
    maxDowntimeNs: number,
  ) {
    this.#rates = rates;
    this.starts = rates.flatMap((bytesPerSecond, i) => {
      const link = { bytesPerSecond, maxDowntimeNs };
      const waiting: StartObserver = {
        // Slower than one that is too slow: those have long rounds, and would take longest to play.
        isNeeded: () => this.#fastestFailure < i,
        onEnd: ({ isWithinDowntime }) => {
          if (!isWithinDowntime) this.#fastestFailure = Math.max(this.#fastestFailure, i);
        },
      };
      return skips.map((skip) =>
        new MigrationStart(skip, (memory) => new PreCopy(QEMU, timeline, link, memory), waiting)
      );
    });
  }

  /** From the fast end: a slow link may stop in time by luck, where a faster one does not. */
  get slowestEnough(): number | undefined {
    return this.#rates[this.#fastestFailure + 1];
  }
}
