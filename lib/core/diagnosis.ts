/**
 * What `softdirty doctor` finds.
 *
 * @module
 */

import type { ProbeReport, TrackerChoice } from "./probe_report.ts";
import type { TrackerKind } from "./snapshot.ts";

/** Whether one process can be tracked in one way. */
export interface TargetAccess {
  /** The way of tracking that was looked at. */
  readonly tracker: TrackerKind;
  /** True if this user can track the process in this way. */
  readonly isAllowed: boolean;
  /** Why it is not, and what would change it; empty if it is. */
  readonly reason: string;
  /** What its user should know before it is tracked. */
  readonly warnings: readonly string[];
}

/** Whether one process can be tracked. */
export interface TargetDiagnosis {
  /** The process that was asked about. */
  readonly pid: number;
  /** Its command name (`comm`), hostile text; null if it cannot be read. */
  readonly command: string | null;
  /** One for each tracker. */
  readonly access: readonly TargetAccess[];
}

/** Whether this user can track writes on this machine. */
export interface Diagnosis {
  /** True if a tracker works here, and may be used on the process that was asked about. */
  readonly isReady: boolean;
  /** As `uname -r` prints it. */
  readonly kernelRelease: string;
  /** As Node's `process.arch` names it: `x64`, `arm64`, ... */
  readonly arch: string;
  /** The JavaScript runtime and its version, for example `Node 20.19.0`. */
  readonly runtime: string;
  /** Size of a page in bytes: the unit of all counts of pages beside it. */
  readonly pageSizeBytes: number;
  /** What was tried, one report for each tracker. */
  readonly probes: readonly ProbeReport[];
  /** What `--tracker auto` takes; null if nothing works. */
  readonly chosen: TrackerKind | null;
  /** Why, for the process that was asked about; null if nothing works. */
  readonly choice: TrackerChoice | null;
  /** The process that was asked about; null if there was none. */
  readonly target: TargetDiagnosis | null;
}
