/**
 * The writable working set: how many pages are written at least once in a time, against how long that
 * is (C. Clark and others, "Live Migration of Virtual Machines", NSDI 2005, section 4).
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { openTrace } from "../session/sd.ts";
 * import { workingSets } from "./working_set.ts";
 *
 * const [redis] = workingSets(openTrace("recordings/traces/redis.sdtrace").snapshots);
 * const [one, two] = redis.points;
 * assert.deepEqual([one.snapshotCount, two.snapshotCount], [1, 2]);
 * assert(one.pages.p50 <= two.pages.p50 && two.pages.max <= redis.pageCount);
 * ```
 *
 * @module
 */

import type { PageSet } from "../core/page_set.ts";
import type { ProcessIdentity } from "../core/process.ts";
import type { Snapshot } from "../core/snapshot.ts";
import { type Distribution, distribution } from "./distribution.ts";
import { type Meter, meterEach } from "./windows.ts";

/** Windows of one length. */
export interface WorkingSetPoint {
  /** How many snapshots each has, one after the other: a power of two. */
  readonly snapshotCount: number;
  /** How long they are on average, from the first clear to the end of the last read. */
  readonly meanDurationNs: number;
  /** How many pages were dirty in each, at least once; the windows do not overlap. */
  readonly pages: Distribution;
}

/** The working set of one process. */
export interface WorkingSet {
  readonly process: ProcessIdentity;
  readonly pageSizeBytes: number;
  /** How many snapshots there are. */
  readonly snapshotCount: number;
  readonly durationNs: number;
  /** Pages that were dirty in any of them. */
  readonly pageCount: number;
  /** By length, the shortest first. Snapshots at the end that make no whole window are left out. */
  readonly points: readonly WorkingSetPoint[];
}

/** The working sets of all processes of some snapshots, in the order in which they come. */
export function workingSets(snapshots: Iterable<Snapshot>): WorkingSet[] {
  return meterEach(snapshots, () => new Curve()).map((curve) => curve.result());
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
  durationNs: number;
  /** One that waits for the next, to become a window of twice the length. */
  half: Window | undefined;
}

/** Unites windows pairwise, as one counts in binary: it holds one set for each length. */
class Curve implements Meter {
  readonly #levels: Level[] = [];
  #first!: Snapshot;
  #last!: Snapshot;
  #count = 0;

  add(snapshot: Snapshot): void {
    if (this.#count++ === 0) this.#first = snapshot;
    this.#last = snapshot;
    const { dirtyPopulated: pages, sinceClear, atNs, durationNs } = snapshot;
    let window: Window = { pages, startNs: sinceClear!.atNs, endNs: atNs + durationNs };
    for (let i = 0;; i++) {
      const level = this.#levels[i] ??= { pageCounts: [], durationNs: 0, half: undefined };
      level.pageCounts.push(window.pages.pageCount);
      level.durationNs += window.endNs - window.startNs;
      const { half } = level;
      if (half === undefined) {
        level.half = window;
        return;
      }
      level.half = undefined;
      const { startNs } = half;
      window = { pages: half.pages.union(window.pages), startNs, endNs: window.endNs };
    }
  }

  result(): WorkingSet {
    const { process, pageSizeBytes, atNs, durationNs } = this.#last;
    // What no level has united yet lies in the halves; whole powers of two lie in the last of them.
    const all = this.#levels.flatMap(({ half }) => half === undefined ? [] : [half.pages]);
    return {
      process,
      pageSizeBytes,
      snapshotCount: this.#count,
      durationNs: atNs + durationNs - this.#first.sinceClear!.atNs,
      pageCount: all.reduce((union, pages) => union.union(pages)).pageCount,
      points: this.#levels.map((level, i) => ({
        snapshotCount: 2 ** i,
        meanDurationNs: level.durationNs / level.pageCounts.length,
        pages: distribution(level.pageCounts),
      })),
    };
  }
}
