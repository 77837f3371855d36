/**
 * What every way of tracking writes implements.
 *
 * @module
 */

import type { ProcessIdentity } from "./process.ts";
import type { PageFlag, PageSets, ReadConditions, ReadMethod, TrackerKind } from "./snapshot.ts";
import type { Vma } from "./vma.ts";

/** Nanoseconds since some fixed moment, never descending. */
export type MonotonicClock = () => number;

/** What a tracker saw in one read; a session makes a snapshot of it. */
export interface ReadResult {
  readonly process: ProcessIdentity;
  /** True if the process executed another program since the tracker's last call: all is new. */
  readonly isReplaced: boolean;
  readonly vmas: readonly Vma[];
  readonly pages: PageSets;
  readonly readBy: ReadMethod;
  readonly known: readonly PageFlag[];
  readonly conditions: ReadConditions;
  readonly atNs: number;
  readonly durationNs: number;
  readonly stoppedNs: number;
}

/** What a tracker did in one clear. */
export interface ClearResult {
  readonly process: ProcessIdentity;
  /** As for an {@linkcode ReadResult}. */
  readonly isReplaced: boolean;
  readonly atNs: number;
  readonly durationNs: number;
  readonly stoppedNs: number;
  /** The mappings right after it, where they show something that a read does not; else null. */
  readonly vmas: readonly Vma[] | null;
}

/** What to find out in a read. */
export interface ReadOptions {
  /** Also which pages are in new mappings or huge pages, where that costs more: slower. */
  readonly explain?: boolean | undefined;
}

/** A read and the clear that went with it. */
export interface TakeResult {
  readonly observation: ReadResult;
  readonly clearing: ClearResult;
  /** How long before the end of the clear a write may be in no snapshot; 0 if they were one step. */
  readonly unseenNs: number;
}

/** Tracks the writes of any number of processes. Calls are synchronous, as the kernel's are. */
export interface Tracker {
  readonly kind: TrackerKind;
  readonly pageSizeBytes: number;
  /**
   * Does what needs a running process, such as attaching to it. The other calls do it themselves.
   *
   * @returns the time for which the process was stopped, in nanoseconds
   * @throws ProcessError if the process cannot be tracked.
   */
  prepare(pid: number): number;
  /**
   * Forgets what was written until now.
   *
   * @throws ProcessError if the process cannot be tracked.
   */
  clear(pid: number): ClearResult;
  /**
   * Reads what was written since the last clear, and leaves it as it is.
   *
   * @throws ProcessError if the process cannot be tracked, or ends while it is read.
   */
  read(pid: number, options?: ReadOptions): ReadResult;
  /**
   * Reads what was written, and forgets it: in one step where the tracker can, one after the other
   * where not.
   *
   * @throws ProcessError if the process cannot be tracked, or ends while it is read.
   */
  take(pid: number, options?: ReadOptions): TakeResult;
  /** Releases what is held for a process that ended, or is no longer tracked. */
  release(pid: number): void;
  /** Releases what the tracker holds; targets continue as if it had never been there. */
  close(): void;
}
