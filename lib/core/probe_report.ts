/**
 * What a probe found out about a kernel by trying it.
 *
 * @module
 */

import { TrackingUnsupportedError } from "./errors.ts";
import type { ReadMethod, TrackerKind } from "./snapshot.ts";

/** One step of the proof: an action, and whether the page was reported after it. */
export interface ProbeStep {
  readonly action: "clear" | "read" | "write";
  readonly expectedDirty: boolean;
  readonly foundDirty: boolean;
}

/** Whether one way of tracking works on this kernel. */
export interface ProbeReport {
  readonly tracker: TrackerKind;
  /** True only if each step was tried and found as expected. */
  readonly works: boolean;
  /** The fastest way of reading that was found to tell the same. */
  readonly readBy: ReadMethod;
  /** The steps that were tried, in order; or, of an import, those that it shows were taken. */
  readonly steps: readonly ProbeStep[];
  /** One sentence on what was found; empty if it works, and was tried by this program. */
  readonly reason: string;
  /** What would help; empty if it works. */
  readonly hint: string;
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
