/**
 * Parses the mappings of a process only when they changed: a large process has tens of thousands, and
 * mostly they are as they were.
 *
 * @module
 */

import type { Vma } from "../core/vma.ts";
import { parseMaps } from "./maps.ts";
import type { ProcFs } from "./proc_fs.ts";

/** Remembers the mappings of each process that it was asked about. */
export class RememberedMaps {
  readonly #proc: ProcFs;
  readonly #pageSizeBytes: number;
  readonly #known = new Map<number, { readonly text: string; readonly vmas: readonly Vma[] }>();

  constructor(proc: ProcFs, pageSizeBytes: number) {
    this.#proc = proc;
    this.#pageSizeBytes = pageSizeBytes;
  }

  /**
   * The mappings of a process, ascending; the same array as before if nothing changed.
   *
   * @throws ProcessError
   */
  of(pid: number): readonly Vma[] {
    const text = this.#proc.mapsText(pid);
    const known = this.#known.get(pid);
    if (known?.text === text) return known.vmas;
    const vmas = parseMaps(text, this.#pageSizeBytes);
    this.#known.set(pid, { text, vmas });
    return vmas;
  }

  /** Forgets a process, or all. */
  release(pid?: number): void {
    if (pid === undefined) this.#known.clear();
    else this.#known.delete(pid);
  }
}
