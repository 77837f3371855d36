/**
 * Notices that a process has executed another program: exec replaces the address space, and an open
 * pagemap continues to show the one that it was opened for, which is empty then.
 *
 * @module
 */

import type { ProcFile } from "./proc_files.ts";
import type { ProcFs } from "./proc_fs.ts";

/** One address space of a process. */
interface AddressSpace {
  readonly pagemap: ProcFile;
  /** False until somebody took note that it has replaced another one. */
  isKnown: boolean;
}

/** Holds on to the address space of each process that it was asked about, not to the memory in it. */
export class AddressSpaces {
  readonly #proc: ProcFs;
  readonly #spaces = new Map<number, AddressSpace>();
  readonly #entry = new Uint8Array(8);

  constructor(proc: ProcFs) {
    this.#proc = proc;
  }

  /**
   * Takes hold of the address space that the process has now. True if it is another than the one before,
   * until that is {@linkcode acknowledge}d; false for a process that was not asked about before.
   *
   * @throws ProcessError
   */
  hasExeced(pid: number): boolean {
    const isFirst = !this.#spaces.has(pid);
    if (!this.isAlive(pid)) {
      this.release(pid);
      this.#spaces.set(pid, { pagemap: this.#proc.openPagemap(pid), isKnown: isFirst });
    }
    return !this.#spaces.get(pid)!.isKnown;
  }

  /** The pagemap of the address space that is held; it belongs to this object. */
  pagemap(pid: number): ProcFile {
    return this.#spaces.get(pid)!.pagemap;
  }

  /** True while the process has the address space that {@linkcode hasExeced} took hold of. */
  isAlive(pid: number): boolean {
    const space = this.#spaces.get(pid);
    return space !== undefined && space.pagemap.read(this.#entry, 0) > 0;
  }

  /** Says that the replacement was taken note of. */
  acknowledge(pid: number): void {
    const space = this.#spaces.get(pid);
    if (space !== undefined) space.isKnown = true;
  }

  /** Forgets a process, or all. */
  release(pid?: number): void {
    for (const [key, { pagemap }] of this.#spaces) {
      if (pid !== undefined && key !== pid) continue;
      pagemap.close();
      this.#spaces.delete(key);
    }
  }
}
