/**
 * Counts the processes of a group that came and went between two looks at it, where the kernel reports
 * each fork.
 *
 * @module
 */

/** Reports forks. */
export interface ForkSource {
  /** Those since the last call, in order; undefined if some were missed. */
  take(): readonly { readonly parentPid: number; readonly pid: number }[] | undefined;
  close(): void;
}

/** Counts for one group. */
export class MissedProcesses {
  #forks: ForkSource | undefined;
  /** All of the group that were seen in the last look. */
  #seen: ReadonlySet<number> = new Set();
  #count = 0;
  #isKnown: boolean;

  /** @param forks undefined if forks are not reported */
  constructor(forks: ForkSource | undefined) {
    this.#forks = forks;
    this.#isKnown = forks !== undefined;
  }

  /** How many there were until the last look; null if it is not known. */
  get count(): number | null {
    return this.#isKnown ? this.#count : null;
  }

  /**
   * Takes note of a look.
   *
   * @param look finds the members of the group; it is called after the forks were taken, so that a
   *   process that is forked meanwhile is not counted twice
   */
  during<T extends { readonly pid: number }>(look: () => T[]): T[] {
    const forks = this.#forks?.take();
    const found = look();
    if (forks === undefined) {
      this.#isKnown = false;
      this.close();
    }
    const pids = new Set(found.map(({ pid }) => pid));
    const all = new Set([...this.#seen, ...pids]);
    for (const { parentPid, pid } of forks ?? []) {
      if (!all.has(parentPid) || all.has(pid)) continue;
      all.add(pid);
      this.#count++;
    }
    this.#seen = pids;
    return found;
  }

  /** Ends it; the count stays. */
  close(): void {
    this.#forks?.close();
    this.#forks = undefined;
  }
}
