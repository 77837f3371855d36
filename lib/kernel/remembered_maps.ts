/**
 * Looks at the mappings of a process only when they changed: a large process has tens of thousands, and
 * mostly they are as they were.
 *
 * @module
 */

import type { Vma } from "../core/vma.ts";
import { readMaps } from "./maps.ts";
import type { ProcFs } from "./proc_fs.ts";

/** Remembers what is to be known of the mappings of each process that it was asked about. */
export class RememberedMaps<T> {
  readonly #proc: ProcFs;
  readonly #pageSizeBytes: number;
  readonly #derive: (vmas: readonly Vma[]) => T;
  readonly #known = new Map<number, { readonly text: string; readonly value: T }>();

  /** @param derive makes what is to be known of mappings, which are ascending and disjoint */
  constructor(proc: ProcFs, pageSizeBytes: number, derive: (vmas: readonly Vma[]) => T) {
    this.#proc = proc;
    this.#pageSizeBytes = pageSizeBytes;
    this.#derive = derive;
  }

  /**
   * What is to be known of the mappings of a process; the same value as before if nothing changed.
   *
   * @throws ProcessError
   */
  of(pid: number): T {
    const read = () => this.#proc.mapsText(pid);
    const first = read();
    const known = this.#known.get(pid);
    if (known?.text === first) return known.value;
    const { text, vmas } = readMaps(read, this.#pageSizeBytes, first);
    const value = this.#derive(vmas);
    this.#known.set(pid, { text, value });
    return value;
  }

  /** What was known of them the last time; undefined if they were not asked for. */
  known(pid: number): T | undefined {
    return this.#known.get(pid)?.value;
  }

  /** Forgets a process, or all. */
  release(pid?: number): void {
    if (pid === undefined) this.#known.clear();
    else this.#known.delete(pid);
  }
}
