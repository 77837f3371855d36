/**
 * The snapshots of a trace for measures, which pass over what is damaged.
 *
 * @module
 */

import type { TraceError } from "../core/errors.ts";
import type { ProcessIdentity } from "../core/process.ts";
import { Snapshot } from "../core/snapshot.ts";
import {
  derivedSeries,
  type SnapshotSeries,
  untrackedProcessesOf,
} from "../core/untracked_process.ts";
import type { TraceReader } from "./reader.ts";
import { type Spending, spendingOf } from "./work_budget.ts";

/**
 * The snapshots. They are decoded one at a time, and again in each walk.
 *
 * @param onDamaged called once for each record that cannot be read
 * @param onWork spends the budget of all walks together
 */
export function snapshotsOf(
  trace: TraceReader,
  onDamaged: (error: TraceError) => void,
  onWork: Spending = spendingOf(trace),
): SnapshotSeries {
  let isFirst = true;
  const all = derivedSeries(trace.snapshots, function* () {
    if (!isFirst) {
      yield* trace.readableSnapshots(() => {}, onWork);
      return;
    }
    isFirst = false;
    for (const event of trace.events(onDamaged, onWork)) if (event instanceof Snapshot) yield event;
  });
  const ofProcesses = (isMeant: (process: ProcessIdentity) => boolean) =>
    derivedSeries(trace.snapshots, () => trace.readableSnapshots(() => {}, onWork, isMeant));
  return { ...all, untrackedProcesses: untrackedProcessesOf(trace.snapshots), ofProcesses };
}
