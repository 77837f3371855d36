/**
 * Hands the windows of a trace to plans under way, again and again until each of them is done.
 *
 * @module
 */

import type { Snapshot } from "../../core/snapshot.ts";
import { lastOfEachClear, processKey, windowOf } from "../windows.ts";
import { PreCopy, type PreCopyOutcome } from "./pre_copy.ts";
import { memoryOf } from "./private_pages.ts";
import type { Timeline } from "./timeline.ts";

/** A migration that begins with a certain window. */
export class Start {
  readonly #skip: number;
  readonly #begin: (memoryPages: number) => PreCopy;
  #seen = 0;
  #running: PreCopy | undefined;

  /**
   * @param skip how many windows pass before it begins
   * @param begin is told how much memory there is then
   */
  constructor(skip: number, begin: (memoryPages: number) => PreCopy) {
    this.#skip = skip;
    this.#begin = begin;
  }

  /** Undefined until it is done. */
  get outcome(): PreCopyOutcome | undefined {
    return this.#running?.outcome;
  }

  /** Goes on through the window of a snapshot. */
  play(snapshot: Snapshot): void {
    if (this.#seen++ < this.#skip) return;
    this.#running ??= this.#begin(memoryOf(snapshot).pageCount);
    this.#running.play(snapshot.dirtyPopulated, windowOf(snapshot)!.longestNs);
  }
}

/** Plays until all are done. Each process must have a window at least. */
export function playAll(
  snapshots: Iterable<Snapshot>,
  starts: ReadonlyMap<Timeline, readonly Start[]>,
): void {
  const byProcess = new Map(
    Array.from(starts, ([{ process }, all]) => [processKey(process), [...all]]),
  );
  const isDone = () => [...byProcess.values()].every((all) => all.length === 0);
  while (!isDone()) {
    for (const snapshot of lastOfEachClear(snapshots)) {
      const running = byProcess.get(processKey(snapshot.process));
      if (running === undefined || running.length === 0) continue;
      for (const one of running) one.play(snapshot);
      const left = running.filter(({ outcome }) => outcome === undefined);
      byProcess.set(processKey(snapshot.process), left);
      if (left.length === 0 && isDone()) break;
    }
  }
}
