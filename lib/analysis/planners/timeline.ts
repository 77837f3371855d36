/**
 * A trace as planners replay it: the windows of one process, one after the other and, after the last
 * one, again from the first.
 *
 * @module
 */

import { PageUnion } from "../../core/page_union.ts";
import type { ProcessIdentity } from "../../core/process.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { SnapshotSeries } from "../../core/untracked_process.ts";
import { Growth } from "../growth.ts";
import { type Covered, measureEach, type ResultMeter, windowOf } from "../windows.ts";
import { existingMemory, recordsMemory } from "./private_pages.ts";

/** What is known of the windows of one process before any of them is replayed. */
export interface Timeline {
  /** The process that was measured; of a group of processes, the one that stands for all. */
  readonly process: ProcessIdentity;
  /** What stands for the program that the process ran; see `windows.ts`. */
  readonly program: string;
  /** Size of a page in bytes: the unit of all counts of pages beside it. */
  readonly pageSizeBytes: number;
  /** Windows that were counted; each is from a clear to the read after it. */
  readonly windowCount: number;
  /** All windows together; the time between them is left out, because writes in it are unknown. */
  readonly durationNs: number;
  /** From the beginning of the first window to the end of the last. */
  readonly traceNs: number;
  /** Dirty pages that exist, of all windows; one that was so in two of them counts twice. */
  readonly dirtyPages: number;
  /** Pages that were dirty in any window. */
  readonly everDirtyPages: number;
  /** Pages that existed at the end of the first window. */
  readonly memoryPages: number;
  /** False if that was not reported; then `memoryPages` is all that can be accessed. */
  readonly isMemoryRecorded: boolean;
  /**
   * The power of time with which the number of pages grows that are written; see
   * {@linkcode Growth}.
   */
  readonly growth: number;
}

/** The time lines of all processes of some snapshots, in the order in which they come. */
export function timelines(snapshots: SnapshotSeries): (Timeline & Covered)[] {
  return measureEach(snapshots, (_, program) => new Survey(program));
}

/** Looks at the windows of one process. */
class Survey implements ResultMeter<Timeline> {
  readonly #program: string;
  readonly #union = new PageUnion();
  readonly #growth = new Growth();
  #first!: Snapshot;
  #last!: Snapshot;
  #windowCount = 0;
  #durationNs = 0;
  #dirtyPages = 0;

  constructor(program: string) {
    this.#program = program;
  }

  add(snapshot: Snapshot): void {
    const { dirtyPopulated: dirty } = snapshot;
    if (this.#windowCount++ === 0) this.#first = snapshot;
    this.#last = snapshot;
    this.#growth.add(dirty);
    this.#union.add(dirty);
    this.#dirtyPages += dirty.pageCount;
    this.#durationNs += windowOf(snapshot)!.longestNs;
  }

  result(): Timeline {
    const { process, pageSizeBytes, atNs, durationNs } = this.#last;
    return {
      process,
      program: this.#program,
      pageSizeBytes,
      windowCount: this.#windowCount,
      durationNs: this.#durationNs,
      traceNs: atNs + durationNs - this.#first.sinceClear!.atNs,
      dirtyPages: this.#dirtyPages,
      everDirtyPages: this.#union.pageCount,
      memoryPages: existingMemory(this.#first).pageCount,
      isMemoryRecorded: recordsMemory(this.#first),
      growth: this.#growth.value,
    };
  }
}
