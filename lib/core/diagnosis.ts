/**
 * What `softdirty doctor` finds.
 *
 * @module
 */

import type { ProbeReport } from "./probe_report.ts";

/** Whether one process can be tracked. */
export interface TargetDiagnosis {
  readonly pid: number;
  readonly command: string | null;
  readonly isReadable: boolean;
  /** Why it is not; empty if it is. */
  readonly reason: string;
}

/** Whether this user can track writes on this machine. */
export interface Diagnosis {
  /** True if the kernel tracks, and the process that was asked about can be read. */
  readonly isReady: boolean;
  readonly kernelRelease: string;
  readonly arch: string;
  readonly runtime: string;
  readonly pageSizeBytes: number;
  readonly probe: ProbeReport;
  readonly target: TargetDiagnosis | null;
}
