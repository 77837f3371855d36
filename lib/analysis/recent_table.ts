/**
 * Recent writes of several processes.
 *
 * @module
 */

import { MOST_PROGRAMS, tooManyPrograms } from "./windows.ts";
import type { Snapshot } from "../core/snapshot.ts";
import { RecentGroup } from "./recent_group.ts";
import { type RecentState, RecentWrites, WORKING_SET_NS } from "./recent_writes.ts";

/** A process without new snapshots is kept for this number of rounds and of its windows. */
const LINGERING = 3;
/** It is also kept for this time beyond these windows. */
const LINGERING_NS = 2e9;

/** One process, and when it gave a snapshot last. */
interface Entry {
  readonly recent: RecentWrites;
  round: number;
  atNs: number;
}

/** Takes the snapshots of all processes in order. Forgets a process some time after it is gone. */
export class RecentTable {
  /** How far back working sets go. */
  readonly workingSetNs: number;
  readonly #processes = new Map<number, Entry>();
  /** A round ends when a process comes again. */
  #round = 0;
  #dirtyBytes = 0;
  #windowCount = 0;
  readonly #group: RecentGroup;

  constructor(workingSetNs = WORKING_SET_NS) {
    this.workingSetNs = workingSetNs;
    this.#group = new RecentGroup(workingSetNs);
  }

  /** All processes together, of the last round; undefined if there are fewer than two. */
  get group(): RecentWrites | undefined {
    return this.#group.recent;
  }

  /** Each process of which there is a window, in the order in which they came. */
  get states(): RecentState[] {
    return [...this.#processes.values()].flatMap(({ recent: { state } }) => state ?? []);
  }

  /** Sums over all processes, those too that are gone. */
  get all(): { readonly dirtyBytes: number; readonly windowCount: number } {
    return { dirtyBytes: this.#dirtyBytes, windowCount: this.#windowCount };
  }

  /** One process. */
  of(pid: number): RecentWrites | undefined {
    return this.#processes.get(pid)?.recent;
  }

  /** @throws SoftdirtyError with the code `too-large` for more processes at a time than are measured. */
  add(snapshot: Snapshot): void {
    const { process: { pid }, atNs } = snapshot;
    const entry = this.#processes.get(pid) ??
      { recent: new RecentWrites(this.workingSetNs), round: -1, atNs };
    if (this.#processes.size >= MOST_PROGRAMS && !this.#processes.has(pid)) throw tooManyPrograms();
    this.#processes.set(pid, entry);
    if (entry.round === this.#round) {
      this.#round++;
      this.#forgetGone(atNs);
    }
    [entry.round, entry.atNs] = [this.#round, atNs];
    const added = entry.recent.add(snapshot);
    this.#group.add(snapshot);
    this.#dirtyBytes += added.dirtyBytes;
    this.#windowCount += added.windowCount;
  }

  /** Forgets one process. */
  remove(pid: number): void {
    this.#processes.delete(pid);
  }

  /** Forgets all, but for the sums. */
  clear(): void {
    this.#processes.clear();
  }

  #forgetGone(nowNs: number): void {
    for (const [pid, { recent, round, atNs }] of this.#processes) {
      const gapNs = LINGERING * recent.meanWindowNs + LINGERING_NS;
      if (this.#round - round > LINGERING && nowNs - atNs > gapNs) this.#processes.delete(pid);
    }
  }
}
