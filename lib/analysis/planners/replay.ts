/**
 * Hands the windows of a trace to plans under way, again and again until each of them is done.
 *
 * @module
 */

import type { Snapshot } from "../../core/snapshot.ts";
import { lastOfEachClear, processKey, windowOf } from "../windows.ts";
import { PreCopy, type PreCopyOutcome } from "./pre_copy.ts";
import { memoryOf } from "./private_pages.ts";
import { Recency } from "./recency.ts";
import type { Timeline } from "./timeline.ts";

/** A migration that begins with a certain window. */
export class Start {
  readonly #skip: number;
  readonly #begin: (memoryPages: number) => PreCopy;
  readonly #isNeeded: () => boolean;
  #seen = 0;
  #running: PreCopy | undefined;

  /**
   * @param skip how many windows pass before it begins
   * @param begin is told how much memory there is then
   * @param isNeeded false once nobody wants to know how it ends
   */
  constructor(
    skip: number,
    begin: (memoryPages: number) => PreCopy,
    isNeeded: () => boolean = () => true,
  ) {
    this.#skip = skip;
    this.#begin = begin;
    this.#isNeeded = isNeeded;
  }

  /** True if it has to go on. */
  get isRunning(): boolean {
    return this.outcome === undefined && this.#isNeeded();
  }

  /** Undefined until it is done, and if it was given up. */
  get outcome(): PreCopyOutcome | undefined {
    return this.#running?.outcome;
  }

  /** Goes on through the window of a snapshot, which is the current one. */
  play(snapshot: Snapshot, recency: Recency): void {
    if (this.#seen++ < this.#skip) return;
    this.#running ??= this.#begin(memoryOf(snapshot).pageCount);
    this.#running.play(recency, windowOf(snapshot)!.longestNs);
  }
}

/** Plays until all are done. Each process must have a window at least. */
export function playAll(
  snapshots: Iterable<Snapshot>,
  starts: ReadonlyMap<Timeline, readonly Start[]>,
): void {
  const byProcess = new Map(
    Array.from(starts, ([{ process }, all]) => [
      processKey(process),
      { recency: new Recency(), running: [...all] },
    ]),
  );
  const isDone = () => [...byProcess.values()].every(({ running }) => running.length === 0);
  while (!isDone()) {
    for (const snapshot of lastOfEachClear(snapshots)) {
      const replayed = byProcess.get(processKey(snapshot.process));
      if (replayed === undefined || replayed.running.length === 0) continue;
      replayed.recency.next(snapshot.dirtyPopulated);
      for (const one of replayed.running) one.play(snapshot, replayed.recency);
      replayed.running = replayed.running.filter(({ isRunning }) => isRunning);
      if (replayed.running.length === 0 && isDone()) break;
    }
  }
}
