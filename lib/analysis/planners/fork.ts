/**
 * How much memory would a fork cost: what the parent writes to while the child lives is copied.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { openTrace } from "../../session/sd.ts";
 * import { planForks } from "./fork.ts";
 *
 * const snapshots = [...openTrace("recordings/traces/redis.sdtrace").snapshots];
 * const [plan] = planForks(snapshots, { durationNs: 5e9 });
 * assert(plan.copiedPages!.max <= plan.privatePages);
 * ```
 *
 * @module
 */

import { ArgumentError } from "../../core/errors.ts";
import type { PageSet } from "../../core/page_set.ts";
import type { ProcessIdentity } from "../../core/process.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { SnapshotSeries } from "../../core/untracked_process.ts";
import { type Distribution, distribution } from "../distribution.ts";
import { type Ranged, rangedEach } from "../ranged.ts";
import { measureEach, type ResultMeter, windowOf } from "../windows.ts";
import { KnownMemory } from "./known_memory.ts";
import { privatePages } from "./private_pages.ts";
import { Span } from "./span.ts";
import { type Timeline, timelines } from "./timeline.ts";

/** What is asked for. */
export interface ForkOptions {
  /** How long the child lives; 5 s by default. */
  readonly durationNs: number;
}

/** A fork that was tried. */
export interface ForkMoment {
  /** Since the session began. */
  readonly atNs: number;
  /** Pages that the parent copied while the child lived: private pages that were written after the fork. */
  readonly copiedPages: number;
}

/** The forecast for one process. It does not include pages that the child itself writes to. */
export interface ForkPlan {
  /** The process that was measured; of a group of processes, the one that stands for all. */
  readonly process: ProcessIdentity;
  /** Size of a page in bytes: the unit of all counts of pages beside it. */
  readonly pageSizeBytes: number;
  /** The requested lifetime of the child. */
  readonly askedNs: number;
  /** Lifetime of the child in this forecast, at most `askedNs` and limited by the length of the trace. */
  readonly durationNs: number;
  /** Moments at which a fork was tried: ends of windows. */
  readonly momentCount: number;
  /** The forks that were tried, by time, ascending. */
  readonly moments: readonly ForkMoment[];
  /** Private pages that existed at them, on average: the most that can be copied. */
  readonly privatePages: number;
  /** Of these, the untracked ones: how many of them are copied is unknown. */
  readonly untrackedPages: number;
  /** False if the tracker did not report which pages exist; then new pages count as copied, too. */
  readonly isMemoryRecorded: boolean;
  /** Pages that are copied, over all moments; null if the trace has no window after its first. */
  readonly copiedPages: Distribution | null;
  /** Mean of `copiedPages`; null where that is. */
  readonly meanPages: number | null;
  /**
   * Lower bound of the mean: the pages of the window in which the child ends are taken to be written at
   * an even pace. The write times within a window are unknown.
   */
  readonly atLeastPages: number | null;
  /**
   * Upper bound of the mean: these pages are taken to be written at the beginning of the window. Null
   * where `atLeastPages` is.
   */
  readonly atMostPages: number | null;
  /** When the fork that costs most was made, since the session began. */
  readonly worstAtNs: number | null;
}

/** The most children that live at a time, and in all; with more, moments are left out. */
const MOST_AT_A_TIME = 64;
const MOST_CHILDREN = 512;

/** Of all processes: each child takes a kilobyte at least. Then each process has fewer of them. */
const MOST_OF_ALL = 1 << 16;

/**
 * The forecasts for all processes of some snapshots, which are walked twice.
 *
 * @throws ArgumentError if the child is not to live at all
 */
export function planForks(
  snapshots: SnapshotSeries,
  { durationNs = 5e9 }: Partial<ForkOptions> = {},
): Ranged<ForkPlan>[] {
  if (!(durationNs > 0)) throw new ArgumentError(`A child cannot live for ${durationNs} ns`);
  return rangedEach(snapshots, (each) => {
    const all = new Map(timelines(each).map((one) => [one.program, one]));
    const mostAtATime = Math.min(MOST_AT_A_TIME, Math.ceil(MOST_OF_ALL / all.size));
    return measureEach(each, (_, program) => {
      const timeline = all.get(program);
      return timeline && new Forks(durationNs, timeline, mostAtATime);
    });
  });
}

/** A child that lives. */
interface Child {
  readonly bornNs: number;
  readonly memory: PageSet;
  readonly untrackedPages: number;
  readonly span: Span;
  leftNs: number;
}

/** What became of one. */
interface Cost {
  readonly bornNs: number;
  readonly memoryPages: number;
  readonly untrackedPages: number;
  readonly pages: number;
  readonly atLeast: number;
  readonly atMost: number;
}

class Forks implements ResultMeter<ForkPlan> {
  readonly #askedNs: number;
  readonly #timeline: Timeline;
  readonly #mostAtATime: number;
  #durationNs: number | undefined;
  #children: Child[] = [];
  readonly #costs: Cost[] = [];
  readonly #memory = new KnownMemory();
  #sinceBirthNs = Infinity;
  #last!: Snapshot;

  constructor(askedNs: number, timeline: Timeline, mostAtATime: number) {
    this.#askedNs = askedNs;
    this.#timeline = timeline;
    this.#mostAtATime = mostAtATime;
  }

  add(snapshot: Snapshot): void {
    const { longestNs } = windowOf(snapshot)!;
    const { dirtyPopulated: dirty } = snapshot;
    const known = this.#memory.after(snapshot);
    // A child is born at the end of a window, so the first one is over before any lives.
    this.#durationNs ??= Math.min(this.#askedNs, this.#timeline.durationNs - longestNs);
    for (const child of this.#children) {
      const livedNs = Math.min(child.leftNs, longestNs);
      child.span.add(dirty, livedNs / longestNs);
      child.leftNs -= livedNs;
      // A rounding error is no life.
      if (child.leftNs < 1) this.#costs.push(this.#costOf(child));
    }
    this.#children = this.#children.filter(({ leftNs }) => leftNs >= 1);
    this.#last = snapshot;
    this.#sinceBirthNs += longestNs;
    const apartNs = Math.max(
      this.#durationNs / this.#mostAtATime,
      this.#timeline.durationNs / MOST_CHILDREN,
    );
    if (this.#durationNs < 1 || this.#sinceBirthNs < apartNs) return;
    this.#sinceBirthNs = 0;
    const memory = privatePages(known, snapshot);
    const bornNs = snapshot.atNs + snapshot.durationNs;
    const untrackedPages = memory.intersect(snapshot.untracked).pageCount;
    const span = new Span();
    this.#children.push({ bornNs, memory, untrackedPages, span, leftNs: this.#durationNs });
  }

  #costOf({ bornNs, memory, untrackedPages, span }: Child): Cost {
    const [pages, atLeast, atMost] = span.pageCounts(memory, [this.#timeline.growth, 1, 0]);
    return { bornNs, memoryPages: memory.pageCount, untrackedPages, pages, atLeast, atMost };
  }

  result(): ForkPlan {
    const { process, pageSizeBytes } = this.#last;
    const costs = this.#costs;
    const mean = (of: (cost: Cost) => number) =>
      costs.length === 0 ? null : costs.reduce((sum, cost) => sum + of(cost), 0) / costs.length;
    return {
      process,
      pageSizeBytes,
      askedNs: this.#askedNs,
      durationNs: this.#durationNs ?? 0,
      momentCount: costs.length,
      moments: costs.map(({ bornNs, pages }) => ({ atNs: bornNs, copiedPages: pages })),
      privatePages: mean(({ memoryPages }) => memoryPages) ?? 0,
      untrackedPages: mean((cost) => cost.untrackedPages) ?? 0,
      isMemoryRecorded: this.#memory.isRecorded,
      copiedPages: costs.length === 0 ? null : distribution(costs.map(({ pages }) => pages)),
      meanPages: mean(({ pages }) => pages),
      atLeastPages: mean(({ atLeast }) => atLeast),
      atMostPages: mean(({ atMost }) => atMost),
      worstAtNs: costs.length === 0
        ? null
        : costs.reduce((worst, one) => one.pages > worst.pages ? one : worst).bornNs,
    };
  }
}
