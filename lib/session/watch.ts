/**
 * Snapshots of one process at intervals.
 *
 * @module
 */

import { isReplacement, ProcessError, ReplayError } from "../core/errors.ts";
import type { Snapshot } from "../core/snapshot.ts";
import type { ReadOptions } from "../core/tracker.ts";
import type { SnapshotSource } from "./source.ts";

/** How often `sd.watch` takes snapshots, of which processes, and when it stops. */
export interface WatchOptions extends ReadOptions {
  /** How long to wait before each snapshot; a function is called each time. */
  readonly intervalMs?: number | (() => number) | undefined;
  /**
   * Take the first snapshot without a clear before it: all memory of a process that has just been started
   * is new.
   */
  readonly fromStart?: boolean | undefined;
  /** Also watch all descendants of the process, including later ones. */
  readonly children?: boolean | undefined;
  /** Watch the processes of this control group instead; its folder, or its path below the mount. */
  readonly cgroup?: string | undefined;
  /** Stop after this number of snapshots; for a group, of each process. */
  readonly count?: number | undefined;
  /** Stop after this time. */
  readonly durationMs?: number | undefined;
  /** For a group: called with the error if one of its processes cannot be tracked, or no longer. */
  readonly onFailure?: ((error: ProcessError) => void) | undefined;
  /**
   * Stop when this is aborted, without an error. A wait ends at once; what was written until then is the
   * last snapshot.
   */
  readonly signal?: AbortSignal | undefined;
}

/** Clears once; then waits and takes, again and again. */
export async function* watch(
  source: SnapshotSource,
  pid: number,
  options: WatchOptions,
): AsyncGenerator<Snapshot, void, void> {
  const { intervalMs = 100, count = Infinity, durationMs = Infinity, signal } = options;
  let startNs: number | undefined;
  let lastNs: number | undefined;
  let isCleared = options.fromStart === true;
  for (let i = 0; i < count && !signal?.aborted;) {
    try {
      if (!isCleared) {
        const { atNs } = source.clear(pid);
        startNs ??= atNs;
        isCleared = true;
      }
      const doneMs = startNs === undefined || lastNs === undefined ? 0 : (lastNs - startNs) / 1e6;
      await source.wait(waitMs(intervalMs, durationMs - doneMs), signal);
      const snapshot = source.take(pid, options);
      lastNs = snapshot.atNs;
      startNs ??= snapshot.atNs;
      i++;
      yield snapshot;
      // A timer may fire most of a millisecond early.
      if (snapshot.atNs - startNs >= (durationMs - 1) * 1e6) return;
    } catch (error) {
      // After an exec, the process is cleared again.
      if (isReplacement(error)) isCleared = false;
      else if (startNs === undefined || !isEnd(error)) throw error;
      else return;
    }
  }
}

/** How long to wait now, of the time that is left. */
export function waitMs(intervalMs: number | (() => number), leftMs: number): number {
  const wanted = typeof intervalMs === "function" ? intervalMs() : intervalMs;
  return Math.max(0, Math.min(wanted, leftMs));
}

/** True if the process, or the trace, has ended. */
function isEnd(error: unknown): boolean {
  return error instanceof ProcessError &&
      (error.code === "process-exited" || error.code === "pid-reused") ||
    error instanceof ReplayError && error.code === "replay-ended";
}
