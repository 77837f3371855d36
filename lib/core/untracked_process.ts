/**
 * Processes that belong to what was tracked, but could not be tracked themselves.
 *
 * @module
 */

import type { ProcessIdentity } from "./process.ts";
import type { Snapshot } from "./snapshot.ts";

/** A process that was alive and was not tracked. */
export interface UntrackedProcess {
  /** The process, as it was last identified. */
  readonly process: ProcessIdentity;
  /** The `code` of the error that said why. */
  readonly reason: string;
}

/** Snapshots that know which processes are not among them. A trace's are such. */
export interface SnapshotSeries extends Iterable<Snapshot> {
  /** Processes of the same recording that lived, and that no snapshot is of; left out if unknown. */
  readonly untrackedProcesses?: readonly UntrackedProcess[] | undefined;
  /** The snapshots of some processes alone, if that takes less than to walk all; see `ofProcesses`. */
  readonly ofProcesses?:
    | ((isMeant: (process: ProcessIdentity) => boolean) => SnapshotSeries)
    | undefined;
}

/** The snapshots of some processes: of thousands, most would be looked at in vain. */
export function ofProcesses(
  snapshots: SnapshotSeries,
  isMeant: (process: ProcessIdentity) => boolean,
): SnapshotSeries {
  return snapshots.ofProcesses?.(isMeant) ?? derivedSeries(snapshots, function* () {
    for (const one of snapshots) if (isMeant(one.process)) yield one;
  });
}

/** The processes that are not among some snapshots; none where that is not known. */
export function untrackedProcessesOf(snapshots: SnapshotSeries): readonly UntrackedProcess[] {
  return snapshots.untrackedProcesses ?? [];
}

/**
 * A series that is made of another one each time that it is walked, with the same untracked processes.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { openTrace } from "../session/sd.ts";
 *
 * const { snapshots } = openTrace("recordings/traces/redis.sdtrace");
 * const even = derivedSeries(snapshots, function* () {
 *   for (const one of snapshots) if (one.index % 2 === 0) yield one;
 * });
 * assert.equal([...even].length, 12);
 * ```
 */
export function derivedSeries(
  origin: SnapshotSeries,
  walk: () => Iterator<Snapshot>,
): SnapshotSeries {
  return {
    [Symbol.iterator]: walk,
    get untrackedProcesses() {
      return untrackedProcessesOf(origin);
    },
  };
}
