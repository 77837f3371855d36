/**
 * What several processes wrote lately.
 *
 * @module
 */

import type { Snapshot } from "../core/snapshot.ts";
import { type RecentState, RecentWrites } from "./recent_writes.ts";

/** For so many of its windows a process is shown that gives no snapshot any more. */
const LINGERING = 3;
const LINGERING_NS = 2e9;

/** Takes the snapshots of all of them in order. What is gone is forgotten after a while. */
export class RecentTable {
  readonly #workingSetNs: number;
  readonly #processes = new Map<number, RecentWrites>();
  #latestNs = 0;

  /** @param workingSetNs how far back working sets go */
  constructor(workingSetNs?: number) {
    this.#workingSetNs = workingSetNs ?? 10e9;
  }

  /** When the last read began, since the session began. */
  get latestNs(): number {
    return this.#latestNs;
  }

  /** Each process of which there is a window, in the order in which they came. */
  get states(): RecentState[] {
    return [...this.#processes.values()].flatMap(({ state }) => state ?? []);
  }

  /** One process. */
  of(pid: number): RecentWrites | undefined {
    return this.#processes.get(pid);
  }

  add(snapshot: Snapshot): void {
    const { process: { pid }, atNs } = snapshot;
    const recent = this.#processes.get(pid) ?? new RecentWrites(this.#workingSetNs);
    this.#processes.set(pid, recent);
    recent.add(snapshot);
    this.#latestNs = Math.max(this.#latestNs, atNs);
    for (const [other, { state }] of this.#processes) {
      if (state !== undefined && this.#isGone(state)) this.#processes.delete(other);
    }
  }

  /** Forgets all. */
  clear(): void {
    this.#processes.clear();
    this.#latestNs = 0;
  }

  #isGone({ snapshot: { atNs }, totals: { windowNs, windowCount } }: RecentState): boolean {
    return this.#latestNs - atNs > LINGERING * windowNs / windowCount + LINGERING_NS;
  }
}
