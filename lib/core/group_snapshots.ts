/**
 * The processes of a tree or a control group as one: a container migrates, and is billed, as a whole.
 *
 * @module
 */

import { relocated, sharedObject } from "./counted_once.ts";
import { PageSet } from "./page_set.ts";
import type { ProcessIdentity } from "./process.ts";
import { Relocation, Slots, unitedVmas } from "./relocation.ts";
import { type ClearEvent, NO_PAGES, type PageSets, pageSets, Snapshot } from "./snapshot.ts";
import { derivedSeries, type SnapshotSeries } from "./untracked_process.ts";
import type { Vma } from "./vma.ts";

/** Stands for all processes together. No process has pid 0. */
const GROUP: ProcessIdentity = Object.freeze({
  pid: 0,
  startTimeTicks: 0,
  command: "the group",
});

/** True of what stands for all processes together. */
export function isGroup({ pid }: ProcessIdentity): boolean {
  return pid === GROUP.pid;
}

/**
 * One snapshot for each round in which all processes were read, with the memory of all of them: shared
 * memory once, and all else side by side, above all real addresses. A round ends when a process is
 * read again. A process that was not cleared before counts with its memory, but not with its writes.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { openTrace } from "../session/sd.ts";
 *
 * const { snapshots } = openTrace("recordings/traces/redis.sdtrace");
 * const [first] = groupSnapshots(snapshots);
 * assert.equal(first.members!.length, 1);
 * assert.equal(first.dirty.pageCount, [...snapshots][0].dirty.pageCount);
 * ```
 */
export function groupSnapshots(snapshots: SnapshotSeries): SnapshotSeries {
  return derivedSeries(snapshots, function* () {
    const merger = new GroupMerger();
    let isCleared = false;
    for (const round of roundsOf(snapshots)) {
      const hasWindow = round.some(({ sinceClear }) => sinceClear !== null);
      // Without a clear it would look as if the group had executed another program.
      if (isCleared && !hasWindow) continue;
      isCleared ||= hasWindow;
      yield merger.merge(round);
    }
  });
}

/** The snapshots that were taken one after the other, of each process one. */
function* roundsOf(snapshots: Iterable<Snapshot>): Generator<Snapshot[], void, void> {
  const round = new Map<number, Snapshot>();
  for (const snapshot of snapshots) {
    if (round.has(snapshot.process.pid)) {
      yield [...round.values()];
      round.clear();
    }
    round.set(snapshot.process.pid, snapshot);
  }
  if (round.size > 0) yield [...round.values()];
}

/** Puts the snapshots of rounds together, each page always at the same place. */
export class GroupMerger {
  readonly #slots = new Slots();
  readonly #relocations = new WeakMap<readonly Vma[], Map<string, Relocation>>();
  #index = 0;

  /** Number of places that were assigned: the memory that is kept grows with it. */
  get placeCount(): number {
    return this.#slots.count;
  }

  /** @param all of one round, of each process one */
  merge(all: readonly Snapshot[]): Snapshot {
    const moved = all.map((snapshot) => {
      const one = relocated(snapshot, this.#relocation(snapshot));
      // It is unknown when these pages were written.
      return one.sinceClear === null ? withoutDirty(one) : one;
    });
    const [first] = moved;
    const atNs = leastOf(moved, (one) => one.atNs);
    const endNs = mostOf(moved, (one) => one.atNs + one.durationNs);
    return new Snapshot({
      ...first,
      process: GROUP,
      members: all.map(({ process }) => process),
      vmas: unitedVmas(moved.flatMap((one) => [...one.vmas])),
      pages: unitedPages(moved),
      known: first.known.filter((flag) => moved.every((one) => one.knows(flag))),
      conditions: {
        ...first.conditions,
        reclaimedPages: most(moved.map(({ conditions }) => conditions.reclaimedPages)),
        unlocatedPinnedPages: total(moved.map((one) => one.conditions.unlocatedPinnedPages)),
        droppedPages: total(moved.map((one) => one.conditions.droppedPages)),
      },
      atNs,
      durationNs: endNs - atNs,
      stoppedNs: mostOf(moved, ({ stoppedNs }) => stoppedNs),
      sinceClear: unitedClear(moved.flatMap(({ sinceClear }) => sinceClear ?? [])),
      index: this.#index++,
    });
  }

  #relocation({ process: { pid, startTimeTicks }, vmas }: Snapshot): Relocation {
    const own = `${pid} ${startTimeTicks}`;
    const known = this.#relocations.get(vmas) ?? new Map<string, Relocation>();
    this.#relocations.set(vmas, known);
    const found = known.get(own);
    if (found !== undefined) return found;
    const placements = vmas.map((vma) => {
      const object = sharedObject(vma);
      return object === undefined
        ? { vma, key: `process ${own}`, firstPage: vma.start }
        : { vma, key: `object ${object}`, firstPage: vma.offsetPages };
    });
    const made = new Relocation(this.#slots, [], placements);
    known.set(own, made);
    return made;
  }
}

function withoutDirty(snapshot: Snapshot): Snapshot {
  const pages = { ...snapshot.pages, dirty: PageSet.empty, newMapping: PageSet.empty };
  return new Snapshot({ ...snapshot, pages });
}

function unitedPages(all: readonly Snapshot[]): PageSets {
  return pageSets((flag) => unionOf(all.map(({ pages }) => pages[flag])));
}

/** Pairwise, so that each page is merged a few times only. */
function unionOf(sets: readonly PageSet[]): PageSet {
  let left = sets.filter((set) => !set.isEmpty);
  while (left.length > 1) {
    left = left.flatMap((set, i) =>
      i % 2 === 1 ? [] : i + 1 < left.length ? [set.union(left[i + 1])] : [set]
    );
  }
  return left[0] ?? NO_PAGES.dirty;
}

/** From the beginning of the first clear to the end of the last. */
function unitedClear(clears: readonly ClearEvent[]): ClearEvent | null {
  if (clears.length === 0) return null;
  const atNs = leastOf(clears, (one) => one.atNs);
  const endNs = mostOf(clears, (one) => one.atNs + one.durationNs);
  const unseen = clears.map(({ unseenNs }) => unseenNs);
  return {
    type: "clear",
    process: GROUP,
    atNs,
    durationNs: endNs - atNs,
    unseenNs: unseen.includes(null) ? null : most(unseen),
    stoppedNs: mostOf(clears, ({ stoppedNs }) => stoppedNs),
    vmas: null,
  };
}

function leastOf<T>(all: readonly T[], of: (one: T) => number): number {
  return all.reduce((least, one) => Math.min(least, of(one)), Infinity);
}

function mostOf<T>(all: readonly T[], of: (one: T) => number): number {
  return all.reduce((most, one) => Math.max(most, of(one)), 0);
}

/** Null if none is known. */
function total(values: readonly (number | null)[]): number | null {
  return values.reduce((sum, value) => value === null ? sum : (sum ?? 0) + value, null);
}

function most(values: readonly (number | null)[]): number | null {
  return values.reduce(
    (most, value) => value === null ? most : Math.max(most ?? 0, value),
    null,
  );
}
