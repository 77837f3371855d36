/**
 * The times in which what a snapshot shows was written.
 *
 * @module
 */

import { isSameProcess, type ProcessIdentity } from "../core/process.ts";
import type { Snapshot } from "../core/snapshot.ts";

/**
 * How long a snapshot's window is. Neither a clear nor a read is one instant: a page may have been
 * cleared at the beginning of the clear and read at the end of the read, or the other way round.
 */
export interface WindowLength {
  /** From the end of the clear to the beginning of the read. */
  readonly shortestNs: number;
  /** From the beginning of the clear to the end of the read. */
  readonly longestNs: number;
}

/** The window of a snapshot; undefined if nobody knows when it was cleared. */
export function windowOf({ sinceClear, atNs, durationNs }: Snapshot): WindowLength | undefined {
  if (sinceClear === null) return undefined;
  const longestNs = atNs + durationNs - sinceClear.atNs;
  const shortestNs = Math.max(0, atNs - sinceClear.atNs - sinceClear.durationNs);
  return longestNs > 0 ? { shortestNs, longestNs } : undefined;
}

/**
 * The last snapshot after each clear, process by process: one that was read earlier shows a part of the
 * same. Snapshots without a window are left out. Holds one snapshot for each process.
 */
export function* lastOfEachClear(snapshots: Iterable<Snapshot>): Generator<Snapshot, void, void> {
  const held = new Map<number, Snapshot>();
  for (const snapshot of snapshots) {
    const { pid } = snapshot.process;
    const before = held.get(pid);
    const isOfSameClear = before !== undefined &&
      isSameProcess(before.process, snapshot.process) &&
      before.sinceClear?.atNs === snapshot.sinceClear?.atNs;
    if (before !== undefined && !isOfSameClear) yield before;
    if (windowOf(snapshot) === undefined) held.delete(pid);
    else held.set(pid, snapshot);
  }
  yield* held.values();
}

/** The same text for the same process, which may change its command. */
export function processKey({ pid, startTimeTicks }: ProcessIdentity): string {
  return `${pid} ${startTimeTicks}`;
}

/** What sums up the snapshots of one process. */
export interface Meter {
  add(snapshot: Snapshot): void;
}

/**
 * Has the last snapshot after each clear summed up, process by process.
 *
 * @param create is handed the first of them
 * @returns a meter for each process, in the order in which they come
 */
export function meterEach<T extends Meter>(
  snapshots: Iterable<Snapshot>,
  create: (first: Snapshot) => T,
): T[] {
  const meters = new Map<string, T>();
  for (const snapshot of lastOfEachClear(snapshots)) {
    const key = processKey(snapshot.process);
    const meter = meters.get(key) ?? create(snapshot);
    meters.set(key, meter);
    meter.add(snapshot);
  }
  return [...meters.values()];
}
