/**
 * Which memory pages does a Linux process write to?
 *
 * Opens traces, replays them, and answers from them: on any system, without root and without native code.
 * What else there is has entry points of its own, so that a program loads what it uses:
 *
 * - `softdirty/live` tracks processes and records them (Linux), and repairs traces;
 * - `softdirty/import` makes traces of other formats;
 * - `softdirty/text` has results as text and CSV;
 * - `softdirty/inspect` lets results print themselves in `console.log`.
 *
 * @example Read a trace that was recorded elsewhere
 * ```ts
 * import assert from "node:assert/strict";
 * import { fileURLToPath } from "node:url";
 * import { diffSnapshots, openTrace } from "./mod.ts";
 * import "./lib/entry/inspect.ts"; // "softdirty/inspect"
 *
 * using trace = openTrace(
 *   fileURLToPath(new URL("./recordings/traces/redis.sdtrace", import.meta.url)),
 * );
 * const diff = diffSnapshots(trace.at(0), trace.at(-1));
 * assert.equal(diff.before.process.command, "redis-server");
 * assert(diff.became.pageCount > 0);
 * console.log(diff);
 * ```
 *
 * @module
 */

export { type MappingUse, mappingUse } from "./lib/analysis/mapping_use.ts";
export type { Change } from "./lib/analysis/change.ts";
export {
  type ComparedSide,
  compareTraces,
  type Comparison,
  isGrownBy,
  isInconclusive,
  type MappingComparison,
} from "./lib/analysis/compare.ts";
export {
  type DirtyMappings,
  dirtyMappings,
  type MappingHistory,
  type MappingTotals,
} from "./lib/analysis/dirty_mappings.ts";
export type { Distribution } from "./lib/analysis/distribution.ts";
export { type HeatMap, heatMaps, type HeatOptions, type HeatRow } from "./lib/analysis/heat.ts";
export {
  type DirtyCountShare,
  type HotPages,
  hotPages,
  type HotRange,
} from "./lib/analysis/hot.ts";
export { type Phase, type Phases, phases } from "./lib/analysis/phases.ts";
export {
  type CheckpointInterval,
  type CheckpointOptions,
  type CheckpointPlan,
  planCheckpoints,
} from "./lib/analysis/planners/checkpoint.ts";
export { type ConstantRate, constantRate } from "./lib/analysis/planners/constant_rate.ts";
export {
  type ForkMoment,
  type ForkOptions,
  type ForkPlan,
  planForks,
} from "./lib/analysis/planners/fork.ts";
export {
  type MigrationPlan,
  planMigrations,
  type StartMoments,
} from "./lib/analysis/planners/migrate.ts";
export type {
  LinkOptions,
  PreCopyOutcome,
  PreCopyRound,
} from "./lib/analysis/planners/pre_copy.ts";
export type {
  RoundFacts,
  StopContext,
  StopReason,
  StopRule,
} from "./lib/analysis/planners/stop_rules.ts";
export type { Timeline } from "./lib/analysis/planners/timeline.ts";
export type { Ranged } from "./lib/analysis/ranged.ts";
export {
  type DirtyRate,
  dirtyRates,
  type MappingRate,
  type RateOfPages,
} from "./lib/analysis/rate.ts";
export type { TimeColumn } from "./lib/analysis/time_columns.ts";
export { type TimeSeries, timeSeries } from "./lib/analysis/time_series.ts";
export type { Covered } from "./lib/analysis/windows.ts";
export { type WorkingSet, workingSets } from "./lib/analysis/working_set.ts";
export type { WorkingSetPoint } from "./lib/analysis/working_set_curve.ts";
export { formatAddress, parseAddress } from "./lib/core/address.ts";
export { leastWritten } from "./lib/core/least_written.ts";
export { countedOnce } from "./lib/core/counted_once.ts";
export {
  type Coverage,
  coverageOf,
  isConclusive,
  isMostlyUntracked,
  mergeProcesses,
  mergeWindows,
  UNTRACKED_REASONS,
  type UntrackedReason,
  type UntrackedShare,
  untrackedShare,
} from "./lib/core/coverage.ts";
export { diffSnapshots, SnapshotDiff } from "./lib/core/diff.ts";
export {
  type ErrorCode,
  IMPORT_ERROR_CODES,
  type ImportErrorCode,
  OTHER_ERROR_CODES,
  PROCESS_ERROR_CODES,
  type ProcessErrorCode,
  REPLAY_ERROR_CODES,
  type ReplayErrorCode,
  TRACE_ERROR_CODES,
  type TraceErrorCode,
} from "./lib/core/error_codes.ts";
export {
  ArgumentError,
  ExpressionError,
  ImportError,
  ProcessError,
  ReplayError,
  SoftdirtyError,
  TraceError,
  TrackingUnsupportedError,
} from "./lib/core/errors.ts";
export {
  explain,
  Explanation,
  type Reason,
  REASONS,
  type ReasonShare,
} from "./lib/core/explain.ts";
export type { Address, SnapshotFilter } from "./lib/core/filter.ts";
export { groupSnapshots } from "./lib/core/group_snapshots.ts";
export type { MappingChange, MappingChangeKind } from "./lib/core/mapping_changes.ts";
export { type PageNumber, type PageRange, type PageRun, PageSet } from "./lib/core/page_set.ts";
export {
  CHOICE_REASONS,
  isProven,
  type ProbeReport,
  type ProbeStep,
  type TrackerChoice,
} from "./lib/core/probe_report.ts";
export type { ProcessIdentity } from "./lib/core/process.ts";
export {
  type ClearEvent,
  PAGE_FLAGS,
  type PageFlag,
  type PageSets,
  READ_METHODS,
  type ReadConditions,
  type ReadMethod,
  Snapshot,
  type SnapshotFields,
  type SnapshotReadings,
  TRACKER_KINDS,
  type TrackerKind,
  UNKNOWN_CONDITIONS,
  UNTRACKED_FLAGS,
} from "./lib/core/snapshot.ts";
export { TARGET_WARNINGS, type TargetWarningCode } from "./lib/core/target_warning.ts";
export type { ReadOptions } from "./lib/core/tracker.ts";
export type { SnapshotSeries, UntrackedProcess } from "./lib/core/untracked_process.ts";
export { VERSION } from "./lib/core/version.ts";
export type { Vma } from "./lib/core/vma.ts";
export { filterSnapshot, filterSnapshots, type Selection } from "./lib/query/filter.ts";
export { Query } from "./lib/query/query.ts";
export {
  type FilteredTrace,
  filterTrace,
  type FilterTraceOptions,
} from "./lib/files/filter_trace.ts";
export type {
  Measurable,
  MeasureOptions,
  Measures,
  Plans,
  TotalOptions,
} from "./lib/session/measures.ts";
export { openReplay, openTrace, type Sd, type WaitOptions } from "./lib/session/sd.ts";
export type { ProcessGroup } from "./lib/session/source.ts";
export type { WatchOptions } from "./lib/session/watch.ts";
export type { ByteSink, ByteSource, TraceProblem } from "./lib/trace/byte_source.ts";
export { type TraceFiles, TraceReader } from "./lib/trace/reader.ts";
export {
  type AnnotationEvent,
  type EventSummary,
  type ExecEvent,
  type ExitEvent,
  FORMAT_NAME,
  FORMAT_VERSION,
  type HeaderEvent,
  type MarkEvent,
  type PlainEvent,
  type ProcessFoundEvent,
  type TraceEvents,
  type TraceEventType,
  type TraceHost,
  type UntrackedEvent,
  type WarningEvent,
} from "./lib/trace/schema.ts";
export { type UntrackedStretch, untrackedStretches } from "./lib/trace/untracked_stretches.ts";
export { type KeyframePlan, TraceWriter } from "./lib/trace/writer.ts";
