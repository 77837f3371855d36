/**
 * `softdirty/live`: tracks live processes and records them, and repairs what a recorder left.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import process from "node:process";
 * import { openLive } from "./live.ts"; // "softdirty/live"
 *
 * using sd = openLive({ pid: process.pid, output: null });
 * const { works, reason } = sd.probe();
 * assert(works || reason !== "");
 * ```
 *
 * @module
 */

export { openLive } from "../session/live.ts";
export type { Diagnosis, TargetAccess, TargetDiagnosis } from "../core/diagnosis.ts";
export type { PreflightOptions } from "../kernel/preflight.ts";
export type { UffdWpOptions } from "../kernel/uffd_wp.ts";
export { diagnose } from "../session/diagnose.ts";
export type { TrackerOptions } from "../session/kernel_access.ts";
export type { LiveOptions } from "../session/live_source.ts";
export { type RecordingOptions, SYNC_MODES, type SyncMode } from "../files/recorder.ts";
export {
  type PieceRepair,
  type RepairOutcome,
  repairRecording,
  repairTrace,
} from "../files/repair_trace.ts";
export type { RepairFindings } from "../trace/repair.ts";
