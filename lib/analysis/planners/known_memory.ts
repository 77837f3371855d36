/**
 * Which pages a process has, window by window, also where not every snapshot reports it.
 *
 * @module
 */

import { memoryOf } from "../../core/memory_kinds.ts";
import { PageSet } from "../../core/page_set.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { existingMemory, recordsMemory, untrackedMemory } from "./private_pages.ts";

/**
 * Follows the memory of one program. A take with uffd-wp reads only what was written, but for the first;
 * after that, what came into being was written, and so is known. What was dropped since still counts, and
 * of an untracked mapping that came since, all of it.
 */
export class KnownMemory {
  #pages: PageSet | undefined;
  #mapped = PageSet.empty;
  #isGuessed = false;

  /** False if, before any snapshot had it, all that can be accessed was taken for what exists. */
  get isRecorded(): boolean {
    return !this.#isGuessed;
  }

  /** The pages at the end of the window of a snapshot, which is the next one. */
  after(snapshot: Snapshot): PageSet {
    const mapped = memoryOf(snapshot.vmas, "mapped");
    const before = this.#mapped;
    this.#mapped = mapped;
    if (recordsMemory(snapshot)) return this.#pages = existingMemory(snapshot);
    if (this.#pages === undefined) {
      this.#isGuessed = true;
      return existingMemory(snapshot);
    }
    const unseen = untrackedMemory(snapshot).subtract(before);
    return this.#pages = this.#pages.union(snapshot.populated).union(unseen).intersect(mapped);
  }
}
