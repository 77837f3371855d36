/**
 * What a process had right before its last clear, where a read told it: what is gone since was given
 * back, and what was in a huge page and is in none now was split.
 *
 * @module
 */

import { memoryOf } from "../core/memory_kinds.ts";
import { PageSet } from "../core/page_set.ts";
import type { PageSets } from "../core/snapshot.ts";
import type { Vma } from "../core/vma.ts";
import { wholeHugeBlocks } from "../core/whole_blocks.ts";

interface State {
  readonly existing: PageSet;
  readonly huge: PageSet;
}

/** Remembers it for each process. */
export class BeforeClear {
  readonly #pageSizeBytes: number;
  readonly #states = new Map<number, State>();

  constructor(pageSizeBytes: number) {
    this.#pageSizeBytes = pageSizeBytes;
  }

  /** To be called after a clear, with what a read right before it told. */
  saw(pid: number, { present, swapped, huge }: PageSets): void {
    this.#states.set(pid, { existing: present.union(swapped), huge });
  }

  /** Forgets a process, or all: nobody knows what it had. */
  release(pid?: number): void {
    if (pid === undefined) this.#states.clear();
    else this.#states.delete(pid);
  }

  /** How many private pages without a file were given back since; null if unknown. */
  droppedPages(pid: number, vmas: readonly Vma[], { present, swapped }: PageSets): number | null {
    const before = this.#states.get(pid);
    if (before === undefined) return null;
    const gone = before.existing.subtract(present).subtract(swapped);
    return gone.isEmpty ? 0 : gone.intersect(memoryOf(vmas, "anonymous")).pageCount;
  }

  /** Whole huge pages that were split since, and of which each page is marked. */
  split(pid: number, { dirty, huge }: PageSets): PageSet {
    const before = this.#states.get(pid);
    if (before === undefined || before.huge.isEmpty) return PageSet.empty;
    return wholeHugeBlocks(before.huge.subtract(huge).intersect(dirty), this.#pageSizeBytes);
  }
}
