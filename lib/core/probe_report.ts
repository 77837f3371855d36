/**
 * What a probe found out about a kernel by trying it.
 *
 * @module
 */

import { TrackingUnsupportedError } from "./errors.ts";

/** One step of the proof: an action, and what bit 55 of the page said after it. */
export interface ProbeStep {
  readonly action: "clear" | "read" | "write";
  readonly expectedDirty: boolean;
  readonly foundDirty: boolean;
}

/** Whether the soft-dirty bit works on this kernel. */
export interface ProbeReport {
  /** True only if each step was tried and found as expected. */
  readonly softDirty: boolean;
  /** The steps that were tried, in order. */
  readonly steps: readonly ProbeStep[];
  /** One sentence on what was found; empty if soft-dirty works. */
  readonly reason: string;
  /** What would help; empty if soft-dirty works. */
  readonly hint: string;
}

/** True if the kernel was proven to track: each step was tried, and found as expected. */
export function isProven(report: ProbeReport): boolean {
  return report.softDirty && report.steps.length > 0 &&
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
