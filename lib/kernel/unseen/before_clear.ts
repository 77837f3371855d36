/**
 * What a process had right before its last clear, where a read shows it: pages that are gone since were
 * given back, and pages that were in a huge page and are in none now were split.
 *
 * @module
 */

import { memoryOf } from "../../core/memory_kinds.ts";
import { PageSet } from "../../core/page_set.ts";
import type { ReadResult } from "../../core/tracker.ts";
import type { Vma } from "../../core/vma.ts";
import { wholeHugeBlocks } from "../../core/whole_blocks.ts";

/** What a read shows. */
type Read = Pick<ReadResult, "pages" | "known">;

interface State {
  readonly present: PageSet;
  readonly swapped: PageSet;
  /** Null if the read has no huge pages. */
  readonly huge: PageSet | null;
}

/** Remembers it for each process. */
export class BeforeClear {
  readonly #pageSizeBytes: number;
  readonly #states = new Map<number, State>();

  constructor(pageSizeBytes: number) {
    this.#pageSizeBytes = pageSizeBytes;
  }

  /** To be called after a clear, with the read right before it. */
  saw(pid: number, { pages, known }: Read): void {
    this.#states.set(pid, {
      present: pages.present,
      swapped: pages.swapped,
      huge: known.includes("huge") ? pages.huge : null,
    });
  }

  /** Forgets a process, or all. */
  release(pid?: number): void {
    if (pid === undefined) this.#states.clear();
    else this.#states.delete(pid);
  }

  /** How many private pages without a file were given back since; null if unknown. */
  droppedPages(
    pid: number,
    vmas: readonly Vma[],
    { present, swapped }: Read["pages"],
  ): number | null {
    const before = this.#states.get(pid);
    if (before === undefined) return null;
    // Mostly nothing came or went, and to compare is faster than to subtract.
    if (before.present.equals(present) && before.swapped.equals(swapped)) return 0;
    const [ofRam, ofSwap] = [before.present, before.swapped]
      .map((existed) => existed.subtract(present).subtract(swapped));
    return ofRam.union(ofSwap).intersect(memoryOf(vmas, "anonymous")).pageCount;
  }

  /**
   * Whole huge pages that were split since, and of which each page is marked; null if either read does
   * not report huge pages.
   */
  split(pid: number, { pages: { dirty, huge }, known }: Read): PageSet | null {
    const wasHuge = this.#states.get(pid)?.huge ?? null;
    if (wasHuge === null || !known.includes("huge")) return null;
    if (wasHuge.isEmpty) return wasHuge;
    return wholeHugeBlocks(wasHuge.subtract(huge).intersect(dirty), this.#pageSizeBytes);
  }
}
