/**
 * Page sets, united pairwise over and over: how many pages windows of each length have.
 *
 * @module
 */

import { PageSet } from "../core/page_set.ts";
import { type Distribution, distribution } from "./distribution.ts";
import { exp2 } from "./exact_math.ts";

/** Windows of one length. */
export interface WorkingSetPoint {
  /** How many snapshots each has, one after the other: a power of two. */
  readonly snapshotCount: number;
  /** How long they are on average, from the first clear to the end of the last read. */
  readonly meanDurationNs: number;
  /** How many pages were dirty in each, at least once; the windows do not overlap. */
  readonly pages: Distribution;
  /** Mean of `pages`. */
  readonly meanPages: number;
  /** Snapshots at the end that make no whole window of this length. */
  readonly tailSnapshotCount: number;
  /** How many pages were dirty in any of them. */
  readonly tailPages: number;
}

/** How many pages one window had. */
export interface WindowCount {
  readonly startNs: number;
  readonly endNs: number;
  readonly pages: number;
}

/** Snapshots that follow each other, united. */
interface Window {
  readonly pages: PageSet;
  readonly startNs: number;
  readonly endNs: number;
}

/** Windows of one length. */
interface Level {
  readonly pageCounts: number[];
  /** Each of them; undefined once there were too many. */
  windows: WindowCount[] | undefined;
  durationNs: number;
  /** One that waits for the next, to become a window of twice the length. */
  half: Window | undefined;
}

/** Unites windows pairwise, as one counts in binary: it holds one set for each length. */
export class WorkingSetCurve {
  readonly #levels: Level[] = [];
  readonly #mostWindows: number;

  /** @param mostWindows for a length with more windows, {@linkcode windows} has an empty list */
  constructor(mostWindows = 0) {
    this.#mostWindows = mostWindows;
  }

  /**
   * Adds what was dirty in the next window.
   *
   * @param kept if it is given, pages that are not in it are forgotten
   */
  add(pages: PageSet, startNs: number, endNs: number, kept?: PageSet): void {
    let window: Window = { pages, startNs, endNs };
    for (let i = 0;; i++) {
      const level = this.#levels[i] ??= newLevel();
      level.pageCounts.push(window.pages.pageCount);
      const { startNs: from, endNs: to, pages: { pageCount } } = window;
      level.windows?.push({ startNs: from, endNs: to, pages: pageCount });
      if (level.pageCounts.length > this.#mostWindows) level.windows = undefined;
      level.durationNs += window.endNs - window.startNs;
      const { half } = level;
      if (half === undefined) {
        level.half = window;
        return;
      }
      level.half = undefined;
      const { startNs } = half;
      const all = half.pages.union(window.pages);
      const pages = kept === undefined ? all : all.intersect(kept);
      window = { pages, startNs, endNs: window.endNs };
    }
  }

  /** By length, the shortest first. */
  points(): WorkingSetPoint[] {
    const snapshotCount = this.#levels[0]?.pageCounts.length ?? 0;
    let tail = PageSet.empty;
    return this.#levels.map(({ pageCounts, durationNs, half }, i) => {
      const point = {
        snapshotCount: exp2(i),
        meanDurationNs: durationNs / pageCounts.length,
        pages: distribution(pageCounts),
        meanPages: pageCounts.reduce((sum, pages) => sum + pages, 0) / pageCounts.length,
        tailSnapshotCount: snapshotCount % exp2(i),
        tailPages: tail.pageCount,
      };
      // A window that waits for the next one is in the tail of all longer windows.
      if (half !== undefined) tail = tail.union(half.pages);
      return point;
    });
  }

  /** The windows of each length, the shortest first; none of a length with too many. */
  windows(): (readonly WindowCount[])[] {
    return this.#levels.map(({ windows }) => windows ?? []);
  }

  /** How many pages were dirty in any window. */
  pageCount(): number {
    // What no level has united yet lies in the halves; whole powers of two lie in the last of them.
    const all = this.#levels.flatMap(({ half }) => half === undefined ? [] : [half.pages]);
    return all.length === 0 ? 0 : all.reduce((union, pages) => union.union(pages)).pageCount;
  }
}

function newLevel(): Level {
  return { pageCounts: [], windows: [], durationNs: 0, half: undefined };
}
