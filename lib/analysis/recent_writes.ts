/**
 * Recent writes of a process, for views that are updated with each snapshot.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { openTrace } from "../session/sd.ts";
 * import { RecentWrites } from "./recent_writes.ts";
 *
 * const recent = new RecentWrites();
 * for (const snapshot of openTrace("recordings/traces/redis.sdtrace").snapshots) recent.add(snapshot);
 * const { process, rates, workingSet } = recent.state!;
 * assert.equal(process.command, "redis-server");
 * assert.equal(rates.length, 24);
 * assert(workingSet.pageCount > 0);
 * ```
 *
 * @module
 */

import { visitMapped } from "../core/mapped_runs.ts";
import { PageSet } from "../core/page_set.ts";
import { isSameProcess } from "../core/process.ts";
import type { Snapshot } from "../core/snapshot.ts";
import type { Vma } from "../core/vma.ts";
import { targetCostNs } from "./target_cost.ts";
import { isOtherProgram, windowOf } from "./windows.ts";

/** How far back a working set goes by default. */
export const WORKING_SET_NS = 10e9;
/** Windows whose rates are kept. */
const HISTORY = 64;
/** Number of mappings whose rates are kept for each window: those that were written most. */
const MAPPINGS = 4096;
/** Number of parts of the working set's time, which are forgotten one by one. */
const PARTS = 8;

/** One process, as of its last window. */
export interface RecentState {
  readonly snapshot: Snapshot;
  /** Bytes a second of the last windows, the oldest first. */
  readonly rates: readonly number[];
  readonly process: Snapshot["process"];
  /** Pages that were written within `workingSetNs` before the last read; dropped ones may be among them. */
  readonly workingSet: PageSet;
  /**
   * The time that it covers: what was asked for, less while it is not over yet, or more by up to an eighth
   * and a window, of which none is cut.
   */
  readonly workingSetNs: number;
  readonly totals: RecentTotals;
  /** Pages that were written in the last window. */
  readonly dirty: PageSet;
  /** How long it was. */
  readonly windowNs: number;
  /** What tracking cost the process in it, at a guess. */
  readonly lastCostNs: number;
  /** Number of pages that existed when it was last reported; null if it never was. */
  readonly populatedPages: number | null;
}

/** Sums over all windows of a process since tracking began. */
export interface RecentTotals {
  readonly windowCount: number;
  readonly windowNs: number;
  readonly dirtyBytes: number;
  /** How long clears took, and the last read after each. */
  readonly trackingNs: number;
  /** What that cost the process, at a guess: see {@linkcode targetCostNs}. */
  readonly targetCostNs: number;
  readonly stoppedNs: number;
  /** Time in which writes may have been lost; that of clears of which it is unknown does not count. */
  readonly unseenNs: number;
}

/** Windows, united. */
interface Part {
  readonly fromNs: number;
  readonly toNs: number;
  readonly pages: PageSet;
}

/** The rates of one window. */
interface Rates {
  readonly bytesPerSecond: number;
  readonly byMapping: ReadonlyMap<string, number>;
}

/** The last window, which a later read of the same clear replaces. */
interface LastWindow extends Part, Rates {
  readonly snapshot: Snapshot;
  readonly totals: RecentTotals;
}

/** Takes the snapshots of one process in order; holds one, and some page sets. */
export class RecentWrites {
  readonly #workingSetNs: number;
  /** All before the last window. */
  #parts: Part[] = [];
  #rates: Rates[] = [];
  #totals: RecentTotals = NOTHING;
  #last: LastWindow | undefined;
  #populatedPages: number | null = null;
  /** The end of the window before the last. */
  #beforeNs = 0;
  #workingSet: PageSet | undefined;

  /** @param workingSetNs length of the working-set window */
  constructor(workingSetNs = WORKING_SET_NS) {
    this.#workingSetNs = workingSetNs;
  }

  /** Undefined until a window was seen. */
  get state(): RecentState | undefined {
    const last = this.#last;
    if (last === undefined) return undefined;
    const workingSet = this.#workingSet ??= this.#parts
      .reduce((all, { pages }) => all.union(pages), last.pages);
    return {
      snapshot: last.snapshot,
      process: last.snapshot.process,
      rates: [...this.#rates, last].map(({ bytesPerSecond }) => bytesPerSecond),
      workingSet,
      workingSetNs: last.toNs - (this.#parts[0] ?? last).fromNs,
      totals: last.totals,
      dirty: last.pages,
      windowNs: last.toNs - last.fromNs,
      lastCostNs: last.totals.targetCostNs - this.#totals.targetCostNs,
      populatedPages: this.#populatedPages,
    };
  }

  /** How long windows are on average; 0 if there is none. */
  get meanWindowNs(): number {
    const { windowNs, windowCount } = this.#last?.totals ?? NOTHING;
    return windowCount === 0 ? 0 : windowNs / windowCount;
  }

  /** The rates of one mapping, in the same windows; 0 where very many were written more. */
  ratesOf(vma: Vma): number[] {
    const key = keyOf(vma);
    const all = this.#last === undefined ? this.#rates : [...this.#rates, this.#last];
    return all.map(({ byMapping }) => byMapping.get(key) ?? 0);
  }

  /** @returns what it adds to the sums; nothing if the snapshot has no window */
  add(snapshot: Snapshot): Pick<RecentTotals, "windowCount" | "dirtyBytes"> {
    if (this.#last !== undefined && isAnother(this.#last.snapshot, snapshot)) this.#forget();
    if (snapshot.knows("present")) this.#populatedPages = snapshot.populated.pageCount;
    const window = windowOf(snapshot);
    if (window === undefined) return NOTHING;
    if (this.#last?.snapshot.sinceClear?.atNs !== snapshot.sinceClear!.atNs) this.#keepLast();
    const { sinceClear, atNs, durationNs, dirtyPopulated: pages, vmas, pageSizeBytes } = snapshot;
    const perSecond = (pageCount: number) => pageCount * pageSizeBytes / window.longestNs * 1e9;
    const before = this.#last?.totals ?? this.#totals;
    const toNs = atNs + durationNs;
    this.#last = {
      ...{ snapshot, pages, bytesPerSecond: perSecond(pages.pageCount) },
      byMapping: new Map(written(vmas, pages).map(([key, count]) => [key, perSecond(count)])),
      ...{ fromNs: sinceClear!.atNs, toNs },
      totals: sum(this.#totals, snapshot, pages.pageCount, window.longestNs, this.#beforeNs),
    };
    this.#parts = this.#parts.filter((part) => part.toNs > toNs - this.#workingSetNs);
    this.#workingSet = undefined;
    const { totals } = this.#last;
    return {
      windowCount: totals.windowCount - before.windowCount,
      dirtyBytes: totals.dirtyBytes - before.dirtyBytes,
    };
  }

  /** Puts the last window with those before it. */
  #keepLast(): void {
    if (this.#last === undefined) return;
    const { fromNs, toNs, pages, bytesPerSecond, byMapping, totals } = this.#last;
    this.#totals = totals;
    this.#beforeNs = toNs;
    this.#rates.push({ bytesPerSecond, byMapping });
    if (this.#rates.length >= HISTORY) this.#rates.shift();
    const part = this.#parts.at(-1);
    if (part !== undefined && toNs - part.fromNs <= this.#workingSetNs / PARTS) {
      this.#parts.splice(-1, 1, { fromNs: part.fromNs, toNs, pages: part.pages.union(pages) });
    } else this.#parts.push({ fromNs, toNs, pages });
  }

  #forget(): void {
    [this.#parts, this.#rates, this.#totals, this.#last] = [[], [], NOTHING, undefined];
    this.#workingSet = undefined;
    this.#populatedPages = null;
  }
}

const NOTHING: RecentTotals = {
  ...{ windowCount: 0, windowNs: 0, dirtyBytes: 0, trackingNs: 0, targetCostNs: 0 },
  ...{ stoppedNs: 0, unseenNs: 0 },
};

function sum(
  before: RecentTotals,
  snapshot: Snapshot,
  dirtyPages: number,
  windowNs: number,
  beforeNs: number,
): RecentTotals {
  const { pageSizeBytes, durationNs, stoppedNs, sinceClear } = snapshot;
  // A take is one step: its clear lasts as long as its read, which was counted with the window before.
  const clearEndNs = sinceClear!.atNs + sinceClear!.durationNs;
  const clearNs = Math.max(0, clearEndNs - Math.max(sinceClear!.atNs, beforeNs));
  return {
    windowCount: before.windowCount + 1,
    windowNs: before.windowNs + windowNs,
    dirtyBytes: before.dirtyBytes + dirtyPages * pageSizeBytes,
    trackingNs: before.trackingNs + durationNs + clearNs,
    targetCostNs: before.targetCostNs + targetCostNs(snapshot, dirtyPages),
    stoppedNs: before.stoppedNs + stoppedNs + sinceClear!.stoppedNs,
    unseenNs: before.unseenNs + (sinceClear!.unseenNs ?? 0),
  };
}

/** True of another process of that pid, and of another program of this one. */
function isAnother({ process, sinceClear }: Snapshot, next: Snapshot): boolean {
  return !isSameProcess(process, next.process) ||
    isOtherProgram({ process, isCleared: sinceClear !== null }, next);
}

/** A stack grows downwards. */
function keyOf({ name, start, end }: Vma): string {
  return `${name === "[stack]" ? end : start} ${name}`;
}

/** How many pages of a set the mappings have that have any; of very many those that have most. */
function written(vmas: readonly Vma[], pages: PageSet): [key: string, pageCount: number][] {
  const counts: { readonly vma: Vma; pageCount: number }[] = [];
  visitMapped(vmas, pages, (vma, start, end) => {
    const last = counts[counts.length - 1];
    if (last?.vma === vma) last.pageCount += end - start;
    else counts.push({ vma, pageCount: end - start });
  });
  if (counts.length > MAPPINGS) counts.sort((a, b) => b.pageCount - a.pageCount);
  return counts.slice(0, MAPPINGS).map(({ vma, pageCount }) => [keyOf(vma), pageCount]);
}
