/**
 * Snapshots of several processes at intervals, in one session.
 *
 * @module
 */

import { ProcessError, ReplayError } from "../core/errors.ts";
import type { Snapshot } from "../core/snapshot.ts";
import type { ProcessGroup, SnapshotSource } from "./source.ts";
import { waitMs, type WatchOptions } from "./watch.ts";

/**
 * In each round, waits, looks which processes are in the group, and takes a snapshot of each. Processes
 * that are there at the beginning are cleared first. A process that was forked later is not: its first
 * snapshot has all that it wrote, and with soft-dirty also what its parent had written since the parent's
 * last clear, because a fork copies these bits.
 *
 * A process that comes and goes within one interval is not seen.
 */
export async function* watchGroup(
  source: SnapshotSource,
  group: ProcessGroup,
  options: WatchOptions,
): AsyncGenerator<Snapshot, void, void> {
  const root = "treeOf" in group ? group.treeOf : undefined;
  const { intervalMs = 100, count = Infinity, durationMs = Infinity, signal } = options;
  let startNs: number | undefined;
  let lastNs = 0;
  try {
    const found = source.members(group);
    if (found.length === 0) throw emptyGroup(group);
    for (const { pid } of options.fromStart === true ? [] : found) {
      const clear = pid === root ? source.clear(pid) : attempt(() => source.clear(pid), options);
      startNs ??= clear?.atNs;
    }
    for (let round = 0; round < count && !signal?.aborted; round++) {
      const doneMs = startNs === undefined ? 0 : Math.max(0, lastNs - startNs) / 1e6;
      await source.wait(waitMs(intervalMs, durationMs - doneMs), signal);
      const members = source.members(group);
      if (members.length === 0) return;
      for (const { pid } of members) {
        const take = () => source.take(pid, options);
        const snapshot = pid === root && startNs === undefined ? take() : attempt(take, options);
        if (snapshot === undefined) continue;
        lastNs = snapshot.atNs;
        startNs ??= snapshot.atNs;
        yield snapshot;
      }
      // A timer may fire most of a millisecond early.
      if (startNs !== undefined && lastNs - startNs >= (durationMs - 1) * 1e6) return;
    }
  } catch (error) {
    if (!(error instanceof ReplayError && error.code === "replay-ended")) throw error;
  }
}

function emptyGroup(group: ProcessGroup): ProcessError {
  return "treeOf" in group
    ? new ProcessError("no-such-process", group.treeOf, `There is no process ${group.treeOf}`)
    : new ProcessError(
      "empty-group",
      0,
      `There is no process in control group ${group.cgroup}`,
    );
}

/** A process that cannot be tracked, or no longer, does not end the others; the trace records it. */
function attempt<T>(call: () => T, { onFailure }: WatchOptions): T | undefined {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof ProcessError)) throw error;
    onFailure?.(error);
    return undefined;
  }
}
