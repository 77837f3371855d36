/**
 * Hands the windows of a trace to plans under way, again and again until each of them is done.
 *
 * @module
 */

import type { Snapshot } from "../../core/snapshot.ts";
import { windowOf, windowsOf } from "../windows.ts";
import { PreCopy, type PreCopyOutcome } from "./pre_copy.ts";
import { BlockBudget } from "../page_blocks.ts";
import { KnownMemory } from "./known_memory.ts";
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

  /**
   * Goes on through the window of a snapshot, which is the current one.
   *
   * @param memory how many pages there are at its end
   */
  play(snapshot: Snapshot, recency: Recency, memory: number): void {
    if (this.#seen++ < this.#skip) return;
    this.#running ??= this.#begin(memory);
    this.#running.play(recency, windowOf(snapshot)!.longestNs, memory);
  }
}

/** Plays until all are done. Each process must have a window at least. */
export function playAll(
  snapshots: Iterable<Snapshot>,
  starts: ReadonlyMap<Timeline, readonly Start[]>,
): void {
  const budget = new BlockBudget();
  const byProgram = new Map(
    Array.from(starts, ([{ program }, all]) => [
      program,
      { recency: new Recency(budget), memory: new KnownMemory(), running: [...all] },
    ]),
  );
  const waiting = new Set(byProgram.keys());
  while (waiting.size > 0) {
    let hasPlayed = false;
    for (const { snapshot, program } of windowsOf(snapshots)) {
      const replayed = byProgram.get(program);
      if (replayed === undefined || !waiting.has(program)) continue;
      hasPlayed = true;
      replayed.recency.next(snapshot.dirtyPopulated);
      const { pageCount } = replayed.memory.after(snapshot);
      for (const one of replayed.running) one.play(snapshot, replayed.recency, pageCount);
      replayed.running = replayed.running.filter(({ isRunning }) => isRunning);
      if (replayed.running.length === 0) waiting.delete(program);
      if (waiting.size === 0) break;
    }
    if (!hasPlayed) throw new RangeError("These snapshots can be walked only once");
  }
}
