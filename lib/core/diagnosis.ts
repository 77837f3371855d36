/**
 * What `softdirty doctor` finds.
 *
 * @module
 */

import type { ProbeReport, TrackerChoice } from "./probe_report.ts";
import type { TrackerKind } from "./snapshot.ts";

/** Whether one process can be tracked in one way. */
export interface TargetAccess {
  readonly tracker: TrackerKind;
  readonly isAllowed: boolean;
  /** Why it is not, and what would change it; empty if it is. */
  readonly reason: string;
  /** What its user should know before it is tracked. */
  readonly warnings: readonly string[];
}

/** Whether one process can be tracked. */
export interface TargetDiagnosis {
  readonly pid: number;
  readonly command: string | null;
  /** One for each tracker. */
  readonly access: readonly TargetAccess[];
}

/** Whether this user can track writes on this machine. */
export interface Diagnosis {
  /** True if a tracker works here, and may be used on the process that was asked about. */
  readonly isReady: boolean;
  readonly kernelRelease: string;
  readonly arch: string;
  readonly runtime: string;
  readonly pageSizeBytes: number;
  /** What was tried, one report for each tracker. */
  readonly probes: readonly ProbeReport[];
  /** What `--tracker auto` takes; null if nothing works. */
  readonly chosen: TrackerKind | null;
  /** Why, for the process that was asked about; null if nothing works. */
  readonly choice: TrackerChoice | null;
  readonly target: TargetDiagnosis | null;
}
