/**
 * What every way of tracking writes implements.
 *
 * @module
 */

import type { ProcessIdentity } from "./process.ts";
import type { PageSets, TrackerKind } from "./snapshot.ts";
import type { Vma } from "./vma.ts";

/** What a tracker saw in one read; a session makes a snapshot of it. */
export interface Observation {
  readonly process: ProcessIdentity;
  readonly vmas: readonly Vma[];
  readonly pages: PageSets;
  readonly atNs: number;
  readonly durationNs: number;
}

/** What a tracker did in one clear. */
export interface Clearing {
  readonly process: ProcessIdentity;
  readonly atNs: number;
  readonly durationNs: number;
}

/** Tracks the writes of any number of processes. Calls are synchronous, as the kernel's are. */
export interface Tracker {
  readonly kind: TrackerKind;
  readonly pageSizeBytes: number;
  /**
   * Forgets what was written until now.
   *
   * @throws ProcessError if the process cannot be tracked.
   */
  clear(pid: number): Clearing;
  /**
   * Reads what was written since the last clear, and leaves it as it is.
   *
   * @throws ProcessError if the process cannot be tracked, or ends while it is read.
   */
  read(pid: number): Observation;
  /** Gives up what the tracker holds; targets go on as if it had never been there. */
  close(): void;
}
