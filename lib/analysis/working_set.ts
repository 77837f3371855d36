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

import type { ProcessIdentity } from "../core/process.ts";
import type { Snapshot } from "../core/snapshot.ts";
import { PageSet } from "../core/page_set.ts";
import { pageSetsByName } from "./pages_by_name.ts";
import type { SnapshotSeries } from "../core/untracked_process.ts";
import type { Distribution } from "./distribution.ts";
import { type Ranged, rangedEach } from "./ranged.ts";
import { measureEach, type Meter, meterEach, type ResultMeter } from "./windows.ts";
import { type WindowCount, WorkingSetCurve, type WorkingSetPoint } from "./working_set_curve.ts";

/** The working set of one process. */
export interface WorkingSet {
  /** The process that was measured; of a group of processes, the one that stands for all. */
  readonly process: ProcessIdentity;
  /** Size of a page in bytes: the unit of all counts of pages beside it. */
  readonly pageSizeBytes: number;
  /** How many snapshots there are. */
  readonly snapshotCount: number;
  /** From the first clear to the end of the last read. */
  readonly durationNs: number;
  /** Pages that were dirty in any of them. */
  readonly pageCount: number;
  /**
   * By length, the shortest first. A longer window never holds less than a shorter one: each contains
   * shorter ones. Where there are few windows of a length, or the last snapshots make no whole one, the
   * values of the next shorter length are the least that it can have.
   */
  readonly points: readonly WorkingSetPoint[];
}

/**
 * The working sets of all processes of some snapshots, in the order in which they come. Shared memory
 * that is mapped several times counts once.
 */
export function workingSets(snapshots: SnapshotSeries): Ranged<WorkingSet>[] {
  return rangedEach(snapshots, (each) => measureEach(each, () => new WorkingSetMeter()));
}

/** The windows of each length, one by one, the shortest first; none of a length with too many. */
export type WorkingSetWindows = readonly (readonly WindowCount[])[];

/** For each process, of lengths with no more than so many windows each of them. */
export function workingSetWindows(
  snapshots: Iterable<Snapshot>,
  mostWindows: number,
): WorkingSetWindows[] {
  return meterEach(snapshots, () => new WorkingSetMeter(mostWindows))
    .map((meter) => meter.windows());
}

/** For each process and each of its names: how many pages each of the windows above has, in the same order. */
export type NamedWorkingSets = ReadonlyMap<string, readonly (readonly number[])[]>;

/** For each process, of so many names at most, those that are seen first. */
export function namedWorkingSets(
  snapshots: Iterable<Snapshot>,
  mostWindows: number,
  mostNames: number,
): NamedWorkingSets[] {
  return meterEach(snapshots, () => new NamedMeter(mostWindows, mostNames))
    .map((meter) => meter.result());
}

/** The curves of the mappings of one process, name by name. */
class NamedMeter implements Meter {
  readonly #mostWindows: number;
  readonly #mostNames: number;
  readonly #curves = new Map<string, WorkingSetCurve>();
  /** The windows until now, which a name that comes later has been through without a page. */
  readonly #times: (readonly [startNs: number, endNs: number])[] = [];

  constructor(mostWindows: number, mostNames: number) {
    this.#mostWindows = mostWindows;
    this.#mostNames = mostNames;
  }

  add({ dirtyPopulated, vmas, sinceClear, atNs, durationNs }: Snapshot): void {
    const sets = pageSetsByName(vmas, dirtyPopulated);
    for (const name of sets.keys()) {
      if (this.#curves.has(name) || this.#curves.size >= this.#mostNames) continue;
      const curve = new WorkingSetCurve(this.#mostWindows);
      for (const [startNs, endNs] of this.#times) curve.add(PageSet.empty, startNs, endNs);
      this.#curves.set(name, curve);
    }
    const [startNs, endNs] = [sinceClear!.atNs, atNs + durationNs];
    for (const [name, curve] of this.#curves) {
      curve.add(sets.get(name) ?? PageSet.empty, startNs, endNs);
    }
    this.#times.push([startNs, endNs]);
  }

  result(): NamedWorkingSets {
    return new Map(
      Array.from(this.#curves, ([name, curve]) => [
        name,
        curve.windows().map((windows) => windows.map(({ pages }) => pages)),
      ]),
    );
  }
}

/** The curve of one process. */
class WorkingSetMeter implements ResultMeter<WorkingSet> {
  readonly #curve: WorkingSetCurve;
  #first!: Snapshot;
  #last!: Snapshot;
  #count = 0;

  constructor(mostWindows = 0) {
    this.#curve = new WorkingSetCurve(mostWindows);
  }

  windows(): WorkingSetWindows {
    return this.#curve.windows();
  }

  add(snapshot: Snapshot): void {
    if (this.#count++ === 0) this.#first = snapshot;
    this.#last = snapshot;
    const { dirtyPopulated, sinceClear, atNs, durationNs } = snapshot;
    this.#curve.add(dirtyPopulated, sinceClear!.atNs, atNs + durationNs);
  }

  result(): WorkingSet {
    const { process, pageSizeBytes, atNs, durationNs } = this.#last;
    return {
      process,
      pageSizeBytes,
      snapshotCount: this.#count,
      durationNs: atNs + durationNs - this.#first.sinceClear!.atNs,
      pageCount: this.#curve.pageCount(),
      points: ascending(this.#curve.points()),
    };
  }
}

/** No value below that of a shorter window. */
function ascending(points: readonly WorkingSetPoint[]): WorkingSetPoint[] {
  let before: WorkingSetPoint | undefined;
  return points.map((point) => {
    const { pages, meanPages, tailPages } = point;
    const whole = { ...pages, max: Math.max(pages.max, tailPages) };
    before = {
      ...point,
      pages: before === undefined ? whole : leastOf(whole, before.pages),
      meanPages: Math.max(meanPages, before?.meanPages ?? 0),
    };
    return before;
  });
}

/** A distribution of which no percentile is below that of another one. */
function leastOf(one: Distribution, least: Distribution): Distribution {
  const { count, ...values } = one;
  const raised = Object.entries(values).map(([name, value]) => [
    name,
    Math.max(value, least[name as keyof Distribution]),
  ]);
  return { count, ...Object.fromEntries(raised) as Omit<Distribution, "count"> };
}
