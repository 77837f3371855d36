/**
 * Hands the windows of a trace to plans under way, again and again until each of them is done.
 *
 * @module
 */

import type { SnapshotSeries } from "../../core/untracked_process.ts";
import type { Covered } from "../windows.ts";
import { walkable } from "../walkable.ts";
import type { PreCopy, PreCopyOutcome } from "./pre_copy.ts";
import { Passes } from "./passes.ts";
import { Recency } from "./recency.ts";
import { type Timeline, timelines } from "./timeline.ts";
import type { PlannedWindow } from "./window_tape.ts";

/** Who waits for the end of a migration. */
export interface StartObserver {
  /** False once the outcome is no longer needed. */
  isNeeded(): boolean;
  onEnd(outcome: PreCopyOutcome): void;
}

/** A migration that begins with a certain window. */
export class MigrationStart {
  readonly #skip: number;
  readonly #begin: (memoryPages: number) => PreCopy;
  readonly #waiting: StartObserver | undefined;
  #seen = 0;
  #running: PreCopy | undefined;

  /**
   * @param skip number of windows before it begins
   * @param begin called with the number of pages that exist then
   */
  constructor(skip: number, begin: (memoryPages: number) => PreCopy, waiting?: StartObserver) {
    this.#skip = skip;
    this.#begin = begin;
    this.#waiting = waiting;
  }

  /** True if it has to continue. */
  get isRunning(): boolean {
    return this.outcome === undefined && this.#waiting?.isNeeded() !== false;
  }

  /** Undefined until it is done, or if it was abandoned. */
  get outcome(): PreCopyOutcome | undefined {
    return this.#running?.outcome;
  }

  /** Continues through a window, which is the current one. */
  play({ durationNs, memoryPages }: PlannedWindow, recency: Recency): void {
    if (this.#seen++ < this.#skip) return;
    this.#running ??= this.#begin(memoryPages);
    this.#running.play(recency, durationNs, memoryPages);
    if (this.outcome !== undefined) this.#waiting?.onEnd(this.outcome);
  }
}

/** What is replayed, for any number of plans. */
export class WindowReplay {
  /** Of all processes. */
  readonly timelines: readonly (Timeline & Covered)[];
  readonly #passes: Passes;

  /** @param snapshots are walked several times */
  constructor(snapshots: SnapshotSeries) {
    const walked = walkable(snapshots);
    this.timelines = timelines(walked);
    this.#passes = new Passes(walked, this.timelines);
  }

  /** Plays until all are done; a process without any is not played. */
  play(starts: ReadonlyMap<Timeline, readonly MigrationStart[]>): void {
    const waiting = new Map(
      Array.from(starts).filter(([, all]) => all.length > 0)
        .map(([{ program, windowCount }, all]) => [
          program,
          { recency: new Recency(windowCount), running: all },
        ]),
    );
    for (const { program, window } of this.#passes.over(waiting)) {
      const played = waiting.get(program)!;
      played.recency.next(window.reuse);
      for (const one of played.running) one.play(window, played.recency);
      if (played.running.every(({ isRunning }) => isRunning)) continue;
      played.running = played.running.filter(({ isRunning }) => isRunning);
      if (played.running.length === 0) waiting.delete(program);
    }
  }
}
