/**
 * What processes do to each of their mappings, over a whole trace.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { openTrace } from "../session/sd.ts";
 * import { dirtyMappings } from "./dirty_mappings.ts";
 *
 * const [redis] = dirtyMappings(openTrace("recordings/traces/redis.sdtrace").snapshots);
 * const [hottest] = redis.mappings;
 * assert.equal(hottest.name, "");
 * assert(hottest.distinctDirtyPages <= hottest.dirtyPages);
 * ```
 *
 * @module
 */

import { countedOnce, sharedObject } from "../core/counted_once.ts";
import { visitMapped } from "../core/mapped_runs.ts";
import { mappingChanges } from "../core/mapping_changes.ts";
import { PageSet } from "../core/page_set.ts";
import { PageUnion } from "../core/page_union.ts";
import type { ProcessIdentity } from "../core/process.ts";
import type { Snapshot } from "../core/snapshot.ts";
import type { SnapshotSeries } from "../core/untracked_process.ts";
import { isSameObject, type Vma } from "../core/vma.ts";
import { walkable } from "./walkable.ts";
import {
  type Covered,
  measureEach,
  type Meter,
  meterEach,
  type ResultMeter,
  windowOf,
} from "./windows.ts";

/** What happened to one mapping, from the first snapshot that had it to the last. */
export interface MappingHistory extends MappingTotals {
  /** As `/proc/PID/maps` prints it; empty for anonymous memory. Hostile text. */
  readonly name: string;
  /** Four characters as in `/proc/PID/maps`, for example `rw-p`. */
  readonly perms: string;
  /** Where it was in the last snapshot that had it: pages, the end exclusive. */
  readonly start: number;
  /** Page number, exclusive. */
  readonly end: number;
  /** Pages of it that existed then; null if the tracker did not report which pages exist. */
  readonly presentPages: number | null;
  /** When the first and the last snapshot that had it were read, since the session began. */
  readonly firstSeenNs: number;
  /** Time of the last snapshot that had it, from the same origin. */
  readonly lastSeenNs: number;
  /** False if a later snapshot of the process lacks it. */
  readonly isThere: boolean;
  /** How many mappings of the process began at the same place of the same shared memory then. */
  readonly timesMapped: number;
}

/** Counts of a mapping, or of several. */
export interface MappingTotals {
  /** Pages that were dirty, and that exist; one that was so in two windows counts twice. */
  readonly dirtyPages: number;
  /** The same, each page once. */
  readonly distinctDirtyPages: number;
  /** Pages that were reported because the mapping was new or had grown, written or not. */
  readonly newPages: number;
  /** Pages that were unmapped and mapped again at the same place. */
  readonly renewedPages: number;
}

/** The mappings of one process. */
export interface DirtyMappings {
  /** The process that was measured; of a group of processes, the one that stands for all. */
  readonly process: ProcessIdentity;
  /** Size of a page in bytes: the unit of all counts of pages beside it. */
  readonly pageSizeBytes: number;
  /** Windows that were counted; each is from a clear to the read after it. */
  readonly windowCount: number;
  /** How long all windows are together; each from the beginning of its clear to the end of its read. */
  readonly durationNs: number;
  /** The one with the most dirty pages first. */
  readonly mappings: readonly MappingHistory[];
  /**
   * All mappings together with shared memory counted once; null if none of it is mapped more than once,
   * so that adding up the mappings is right.
   */
  readonly once: Pick<MappingTotals, "dirtyPages" | "distinctDirtyPages"> | null;
  /** Mappings that are gone and not listed, because others that are gone had more dirty pages. */
  readonly leftOut: MappingTotals & { readonly mappingCount: number };
}

/** Number of unmapped mappings that are kept. */
const KEPT = 4096;

/** The mappings of all processes of some snapshots, in the order in which the processes come. */
export function dirtyMappings(snapshots: SnapshotSeries): (DirtyMappings & Covered)[] {
  const walked = walkable(snapshots);
  const all = measureEach(walked, () => new Ledger());
  const isTwice = ({ mappings }: DirtyMappings) =>
    mappings.some(({ timesMapped }) => timesMapped > 1);
  if (!all.some(isTwice)) return all;
  const once = meterEach(countedOnce(walked), () => new Once());
  return all.map((one, i) => isTwice(one) ? { ...one, once: once[i].result() } : one);
}

/** Counts the dirty pages of one process, whatever maps them. */
class Once implements Meter {
  readonly #union = new PageUnion();
  #dirtyPages = 0;

  add({ dirtyPopulated }: Snapshot): void {
    this.#dirtyPages += dirtyPopulated.pageCount;
    this.#union.add(dirtyPopulated);
  }

  result() {
    const distinctDirtyPages = this.#union.pageCount;
    return { dirtyPages: this.#dirtyPages, distinctDirtyPages };
  }
}

type Open<T> = { -readonly [field in keyof T]: T[field] };

/** Follows the mappings of one process. */
class Ledger implements ResultMeter<DirtyMappings> {
  /** Those of the last snapshot, ascending, and what they were then; the counts are completed when they go. */
  #there: Open<MappingHistory>[] = [];
  #vmas: readonly Vma[] = [];
  #gone: Open<MappingHistory>[] = [];
  readonly #leftOut = { mappingCount: 0, ...noPages() };
  /** What was dirty before, of mappings that are there. */
  readonly #seen = new PageUnion();
  #last: Snapshot | undefined;
  #windowCount = 0;
  #durationNs = 0;

  add(snapshot: Snapshot): void {
    const { dirtyPopulated: dirty, vmas, atNs } = snapshot;
    const renewed = this.#last === undefined ? PageSet.empty : renewedPages(this.#last, snapshot);
    // Mostly they are the same as before, and few of very many are written to.
    if (vmas !== this.#vmas) this.#follow(vmas, atNs);
    this.#count("dirtyPages", dirty);
    this.#count("distinctDirtyPages", this.#seen.lacking(dirty));
    this.#count("newPages", snapshot.explain().pages("new-mapping"));
    this.#count("renewedPages", renewed);
    this.#seen.add(dirty);
    this.#windowCount++;
    this.#durationNs += windowOf(snapshot)!.longestNs;
    this.#last = snapshot;
  }

  #count(what: keyof MappingTotals, pages: PageSet): void {
    visitMapped(this.#there, pages, (history, start, end) => history[what] += end - start);
  }

  /** Matches the mappings to those of the last snapshot, and finds the new ones and those that are gone. */
  #follow(vmas: readonly Vma[], atNs: number): void {
    const [before, histories] = [this.#vmas, this.#there];
    let next = 0;
    const isTaken = new Uint8Array(before.length);
    const there = vmas.map((vma) => {
      while (next < before.length && before[next].end <= vma.start) next++;
      for (let i = next; i < before.length && before[i].start < vma.end; i++) {
        const old = before[i];
        if (old === vma) {
          isTaken[i] = 1;
          return histories[i];
        }
        if (isTaken[i] === 1 || old.perms !== vma.perms || !isSameObject(old, vma)) continue;
        isTaken[i] = 1;
        return histories[i];
      }
      return begun(vma, atNs);
    });
    const gone = before.filter((_, i) => isTaken[i] === 0);
    if (gone.length > 0) {
      const left = histories.filter((_, i) => isTaken[i] === 0);
      this.#complete(left);
      for (const history of left) {
        history.isThere = false;
        this.#gone.push(history);
      }
      this.#seen.remove(PageSet.from(gone).subtract(PageSet.from(vmas)));
      if (this.#gone.length > 2 * KEPT) this.#leaveOut();
    }
    const times = timesMapped(vmas);
    there.forEach((history, i) => {
      const vma = vmas[i];
      [history.start, history.end, history.name] = [vma.start, vma.end, vma.name];
      history.timesMapped = times.get(placeOf(vma) ?? "") ?? 1;
    });
    [this.#vmas, this.#there] = [vmas, there];
  }

  /** Completes the counts of mappings from the last snapshot. */
  #complete(histories: readonly Open<MappingHistory>[]): void {
    const populated = this.#last!.knows("present") ? this.#last!.populated : undefined;
    for (const history of histories) {
      history.lastSeenNs = this.#last!.atNs;
      history.presentPages = populated?.countIn(history.start, history.end) ?? null;
    }
  }

  #leaveOut(): void {
    this.#gone = sorted(this.#gone);
    for (const history of this.#gone.splice(KEPT)) {
      this.#leftOut.mappingCount++;
      for (const count of COUNTS) this.#leftOut[count] += history[count];
    }
  }

  result(): DirtyMappings {
    const { process, pageSizeBytes } = this.#last!;
    this.#complete(this.#there);
    return {
      process,
      pageSizeBytes,
      windowCount: this.#windowCount,
      durationNs: this.#durationNs,
      once: null,
      mappings: sorted([...this.#there, ...this.#gone]),
      leftOut: { ...this.#leftOut },
    };
  }
}

const COUNTS = ["dirtyPages", "distinctDirtyPages", "newPages", "renewedPages"] as const;

function noPages(): Open<MappingTotals> {
  return { dirtyPages: 0, distinctDirtyPages: 0, newPages: 0, renewedPages: 0 };
}

function begun({ name, perms, start, end }: Vma, atNs: number): Open<MappingHistory> {
  const times = { firstSeenNs: atNs, lastSeenNs: atNs, isThere: true, timesMapped: 1 };
  return { name, perms, start, end, presentPages: null, ...noPages(), ...times };
}

/** A place in shared memory as text; undefined of private memory. */
function placeOf(vma: Vma): string | undefined {
  const object = sharedObject(vma);
  return object && `${object} ${vma.offsetPages}`;
}

/** How many mappings begin at each place of shared memory. */
function timesMapped(vmas: readonly Vma[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const vma of vmas) {
    const place = placeOf(vma);
    if (place !== undefined) counts.set(place, (counts.get(place) ?? 0) + 1);
  }
  return counts;
}

function renewedPages(before: Snapshot, after: Snapshot): PageSet {
  const isClearedBetween = after.sinceClear!.atNs >= before.atNs;
  const changes = mappingChanges(before, after, isClearedBetween);
  return PageSet.from(changes.filter(({ kind }) => kind === "renewed"));
}

function sorted<T extends MappingHistory>(histories: readonly T[]): T[] {
  return histories.toSorted((a, b) => b.dirtyPages - a.dirtyPages || a.start - b.start);
}
