/**
 * Where a process changes how it writes.
 *
 * A window is described by how much memory was dirtied in it, and by where: the logarithm of its pages
 * to base 2, less what its length explains (`growth.ts`), and the square roots of the shares that
 * regions of 1 MiB have, which are hashed into some dozens of places (the Hellinger distance; the idea
 * of detecting phases by working set signatures is from A. Dhodapkar and J. Smith, "Managing
 * Multi-Configuration Hardware via Dynamic Working Set Analysis", ISCA 2002). So twice the pages and
 * entirely other memory are changes of about the same size. Phases begin where that series changes
 * (`change_points.ts`). How large a change must be depends on how much windows differ from the next
 * ones over the whole trace.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { openTrace } from "../session/sd.ts";
 * import { phases } from "./phases.ts";
 *
 * const [python] = phases(openTrace("recordings/traces/python.sdtrace").snapshots);
 * assert.equal(python.phases[0].startNs < python.phases.at(-1)!.endNs, true);
 * ```
 *
 * @module
 */

import { PageUnion } from "../core/page_union.ts";
import type { ProcessIdentity } from "../core/process.ts";
import type { Snapshot } from "../core/snapshot.ts";
import type { SnapshotSeries } from "../core/untracked_process.ts";
import { changePoints, SegmentCosts, type Series } from "./change_points.ts";
import { pagesByName } from "./pages_by_name.ts";
import { WindowSeries } from "./window_series.ts";
import { walkable } from "./walkable.ts";
import {
  type Covered,
  measureEach,
  type Meter,
  meterEach,
  type ResultMeter,
  windowOf,
} from "./windows.ts";
import { log } from "./exact_math.ts";

/** A time in which a process writes in the same way. */
export interface Phase {
  /** From the beginning of the first clear to the end of the last read, since the session began. */
  readonly startNs: number;
  /** End of the last read of the phase, from the same origin. */
  readonly endNs: number;
  /** Windows that were counted; each is from a clear to the read after it. */
  readonly windowCount: number;
  /** Dirty bytes that exist, of all windows of the phase, over the length of these windows. */
  readonly meanBytesPerSecond: number;
  /** Pages that were dirty in any window. */
  readonly workingSetPages: number;
  /** The names of mappings that have the most dirty pages, with their share of them. */
  readonly mappings: readonly { readonly name: string; readonly share: number }[];
  /**
   * How much the phase differs from the one before, in penalties. It is at least 1, since a smaller
   * change does not begin a phase. Null for the first.
   */
  readonly difference: number | null;
}

/** The phases of one process. */
export interface Phases {
  /** The process that was measured; of a group of processes, the one that stands for all. */
  readonly process: ProcessIdentity;
  /** Size of a page in bytes: the unit of all counts of pages beside it. */
  readonly pageSizeBytes: number;
  /** Windows that were counted; each is from a clear to the read after it. */
  readonly windowCount: number;
  /** By time, ascending; one if nothing changed beyond noise. */
  readonly phases: readonly Phase[];
}

/** Number of names that are reported for each phase. */
const TOLD_NAMES = 3;

/** Windows that vary by less, a fifth more or fewer pages, are alike. */
const LEAST_VARIANCE = 0.05;

/** In variances, and for the logarithm of how many windows there are: false changes grow with it. */
const PENALTY = 4;

/** The phases of all processes of some snapshots, which are walked twice. */
export function phases(snapshots: SnapshotSeries): (Phases & Covered)[] {
  const walked = walkable(snapshots);
  const cuts = new Map<string, readonly Cut[]>();
  for (const meter of meterEach(walked, (_, program) => new Signatures(program))) {
    cuts.set(meter.program, meter.cuts());
  }
  return measureEach(walked, (_, program) => {
    const found = cuts.get(program);
    return found && new Parts(found);
  });
}

/** Where a phase begins. */
interface Cut {
  readonly window: number;
  readonly difference: number | null;
}

/** Finds the cuts of one process. */
class Signatures implements Meter {
  readonly program: string;
  readonly #series = new WindowSeries();

  constructor(program: string) {
    this.program = program;
  }

  add(snapshot: Snapshot): void {
    this.#series.add(snapshot);
  }

  cuts(): Cut[] {
    const { series, windowsEach } = this.#series.whole();
    const count = series.values.length / series.dimensions;
    const variance = Math.max(varianceOf(series), LEAST_VARIANCE);
    const penalty = PENALTY * variance * log(Math.max(count, 2));
    const leastLength = count < 8 ? 1 : 2;
    const found = changePoints(series, { penalty, leastLength });
    const costs = new SegmentCosts(series);
    const first: Cut = { window: 0, difference: null };
    return [
      first,
      ...found.map((start, i) => {
        const [before, end] = [found[i - 1] ?? 0, found[i + 1] ?? count];
        const gain = costs.between(before, end) - costs.between(before, start) -
          costs.between(start, end);
        return { window: start * windowsEach, difference: gain / penalty };
      }),
    ];
  }
}

/** Half of the median squared distance of neighbours: what changes in between do not count for. */
function varianceOf({ dimensions, values }: Series): number {
  const distances = new Float64Array(Math.max(0, values.length / dimensions - 1));
  for (let i = 0; i < distances.length; i++) {
    for (let d = 0; d < dimensions; d++) {
      const step = values[(i + 1) * dimensions + d] - values[i * dimensions + d];
      distances[i] += step * step;
    }
  }
  return distances.length === 0 ? 0 : distances.sort()[distances.length >> 1] / 2;
}

/** Sums up the windows of one phase. */
class Part {
  readonly #union = new PageUnion();
  readonly #byName = new Map<string, number>();
  readonly #difference: number | null;
  readonly #startNs: number;
  readonly #pageSizeBytes: number;
  #endNs = 0;
  #windowCount = 0;
  #durationNs = 0;
  #dirtyPages = 0;

  constructor({ sinceClear, pageSizeBytes }: Snapshot, difference: number | null) {
    this.#startNs = sinceClear!.atNs;
    this.#pageSizeBytes = pageSizeBytes;
    this.#difference = difference;
  }

  add(snapshot: Snapshot): void {
    const { dirtyPopulated: dirty, vmas, atNs, durationNs } = snapshot;
    this.#union.add(dirty);
    this.#windowCount++;
    this.#durationNs += windowOf(snapshot)!.longestNs;
    this.#dirtyPages += dirty.pageCount;
    this.#endNs = atNs + durationNs;
    for (const [name, pages] of pagesByName(vmas, dirty)) {
      this.#byName.set(name, (this.#byName.get(name) ?? 0) + pages);
    }
  }

  result(): Phase {
    const names = [...this.#byName].sort(([, a], [, b]) => b - a).slice(0, TOLD_NAMES);
    return {
      startNs: this.#startNs,
      endNs: this.#endNs,
      windowCount: this.#windowCount,
      meanBytesPerSecond: this.#dirtyPages * this.#pageSizeBytes / this.#durationNs * 1e9,
      workingSetPages: this.#union.pageCount,
      mappings: names.map(([name, pages]) => ({ name, share: pages / this.#dirtyPages })),
      difference: this.#difference,
    };
  }
}

/** Sums up the phases of one process. */
class Parts implements ResultMeter<Phases> {
  readonly #cuts: readonly Cut[];
  readonly #phases: Phase[] = [];
  #part: Part | undefined;
  #next = 0;
  #windowCount = 0;
  #last!: Snapshot;

  constructor(cuts: readonly Cut[]) {
    this.#cuts = cuts;
  }

  add(snapshot: Snapshot): void {
    const cut = this.#cuts[this.#next];
    if (cut?.window === this.#windowCount) {
      if (this.#part !== undefined) this.#phases.push(this.#part.result());
      this.#part = new Part(snapshot, cut.difference);
      this.#next++;
    }
    this.#windowCount++;
    this.#part!.add(snapshot);
    this.#last = snapshot;
  }

  result(): Phases {
    const { process, pageSizeBytes } = this.#last;
    return {
      process,
      pageSizeBytes,
      windowCount: this.#windowCount,
      phases: [...this.#phases, this.#part!.result()],
    };
  }
}
