/**
 * What all processes together wrote lately, with the memory that they share counted once.
 *
 * @module
 */

import { GroupMerger } from "../core/group_snapshots.ts";
import type { Snapshot } from "../core/snapshot.ts";
import { RecentWrites } from "./recent_writes.ts";

/** With more places, most of which are of processes that are gone, the group starts again. */
const MOST_PLACES = 1 << 16;

/** Takes the snapshots of all processes, round by round. A round ends when a process comes again. */
export class RecentGroup {
  readonly #workingSetNs: number;
  #merger = new GroupMerger();
  #recent: RecentWrites;
  #round = new Map<number, Snapshot>();
  /** How many processes the last whole round had; 0 until there is one. */
  #processCount = 0;

  /** @param workingSetNs length of the working-set window */
  constructor(workingSetNs: number) {
    this.#workingSetNs = workingSetNs;
    this.#recent = new RecentWrites(workingSetNs);
  }

  /** All processes as one, as of the last whole round; undefined of fewer than two. */
  get recent(): RecentWrites | undefined {
    if (this.#processCount === 0 && this.#round.size > 1) this.#merge();
    return Math.max(this.#processCount, this.#round.size) > 1 ? this.#recent : undefined;
  }

  add(snapshot: Snapshot): void {
    const { pid } = snapshot.process;
    if (this.#round.has(pid)) {
      if (this.#round.size > 1) this.#merge();
      this.#processCount = this.#round.size;
      this.#round = new Map();
    }
    this.#round.set(pid, snapshot);
  }

  #merge(): void {
    if (this.#merger.placeCount > MOST_PLACES) {
      this.#merger = new GroupMerger();
      this.#recent = new RecentWrites(this.#workingSetNs);
    }
    const merged = this.#merger.merge([...this.#round.values()]);
    // A round in which nothing was cleared before says nothing of writes.
    if (merged.sinceClear !== null) this.#recent.add(merged);
  }
}
