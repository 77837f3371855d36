/**
 * What a probe found out about a kernel by trying it.
 *
 * @module
 */

import { TrackingUnsupportedError } from "./errors.ts";
import type { ReadMethod, TrackerKind } from "./snapshot.ts";

/** One step of the proof: an action, and whether the page was reported after it. */
export interface ProbeStep {
  /** What the probe did to a page of its own. */
  readonly action: "clear" | "read" | "write";
  /** True if a kernel that tracks reports the page after it. */
  readonly expectedDirty: boolean;
  /** True if this kernel reported it. */
  readonly foundDirty: boolean;
}

/**
 * - `named`: the user named the tracker.
 * - `only-proven`: the other one was not proven to work here.
 * - `shared-memory`: uffd-wp, since a process has much writable shared memory, of which soft-dirty loses
 *   writes when the kernel reclaims a page.
 * - `least-intrusive`: soft-dirty, which needs no stop of the target.
 * - `cannot-attach`: soft-dirty in spite of shared memory, since uffd-wp cannot attach to a process, or is
 *   refused for it.
 */
export const CHOICE_REASONS = [
  ...["named", "only-proven", "shared-memory", "least-intrusive", "cannot-attach"] as const,
];

/** Why a session took a tracker. */
export interface TrackerChoice {
  /** Why this tracker was taken. */
  readonly reason: typeof CHOICE_REASONS[number];
  /** Of the processes that were looked at, the one with the most writable shared memory; null if none. */
  readonly pid: number | null;
  /** Its writable memory that is shared or of files mapped shared, as far as it existed. */
  readonly sharedBytes: number;
  /** All of its writable memory that existed; 0 if it was not looked at. */
  readonly writableBytes: number;
}

/** Whether one way of tracking works on this kernel. */
export interface ProbeReport {
  /** The way of tracking that was probed. */
  readonly tracker: TrackerKind;
  /** True only if each step was tried and found as expected. */
  readonly works: boolean;
  /** The fastest way of reading that was found to give the same result. */
  readonly readBy: ReadMethod;
  /** The steps that were tried, in order; or, of an import, those that it shows were taken. */
  readonly steps: readonly ProbeStep[];
  /** One sentence on what was found; empty if it works, and was tried by this program. */
  readonly reason: string;
  /** What would help; empty if it works. */
  readonly hint: string;
  /** Why this tracker was chosen; left out if there was no choice, and in older traces. */
  readonly choice?: TrackerChoice | undefined;
}

/** True if the kernel was proven to track: each step was tried, and found as expected. */
export function isProven(report: ProbeReport): boolean {
  return report.works && report.steps.length > 0 &&
    report.steps.every((step) => step.foundDirty === step.expectedDirty);
}

/**
 * Passes if the kernel was proven to track.
 *
 * @throws TrackingUnsupportedError otherwise: an empty answer would look like "nothing was written".
 */
export function assertTracks(report: ProbeReport): void {
  if (isProven(report)) return;
  const reason = report.reason === "" ? "The kernel was not proven to track" : report.reason;
  throw new TrackingUnsupportedError(reason, report.hint);
}
