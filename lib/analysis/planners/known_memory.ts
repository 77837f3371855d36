/**
 * Which pages a process has, window by window, also where not every snapshot tells it.
 *
 * @module
 */

import { PageSet } from "../../core/page_set.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { memoryOf, tellsMemory } from "./private_pages.ts";

/**
 * Follows the memory of one program. A take with uffd-wp tells only what was written, but for the first;
 * after that, what came into being was written, and so is known. What was dropped since is still counted.
 */
export class KnownMemory {
  #pages: PageSet | undefined;
  #isGuessed = false;

  /** False if, before any snapshot told it, all that can be accessed was taken for what exists. */
  get isTold(): boolean {
    return !this.#isGuessed;
  }

  /** The pages at the end of the window of a snapshot, which is the next one. */
  after(snapshot: Snapshot): PageSet {
    if (tellsMemory(snapshot)) return this.#pages = memoryOf(snapshot);
    if (this.#pages === undefined) {
      this.#isGuessed = true;
      return memoryOf(snapshot);
    }
    const mapped = PageSet.from(snapshot.vmas);
    return this.#pages = this.#pages.union(snapshot.dirtyPopulated).intersect(mapped);
  }
}
