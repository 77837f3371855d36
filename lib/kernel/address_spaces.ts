/**
 * Notices that a process has executed another program: exec replaces the address space, and an open
 * pagemap goes on to show the one that it was opened for, which is empty then.
 *
 * @module
 */

import type { ProcFile, ProcFs } from "./proc_fs.ts";

/** Holds on to the address space of each process that it was asked about, not to the memory in it. */
export class AddressSpaces {
  readonly #proc: ProcFs;
  readonly #pagemaps = new Map<number, ProcFile>();
  readonly #entry = new Uint8Array(8);

  constructor(proc: ProcFs) {
    this.#proc = proc;
  }

  /**
   * True if the address space is another than at the last call for this process; false at the first.
   *
   * @throws ProcessError
   */
  isReplaced(pid: number): boolean {
    const known = this.#pagemaps.get(pid);
    if (known !== undefined && known.read(this.#entry, 0) > 0) return false;
    this.release(pid);
    this.#pagemaps.set(pid, this.#proc.openPagemap(pid));
    return known !== undefined;
  }

  /** Forgets a process, or all. */
  release(pid?: number): void {
    for (const [key, pagemap] of this.#pagemaps) {
      if (pid !== undefined && key !== pid) continue;
      pagemap.close();
      this.#pagemaps.delete(key);
    }
  }
}
