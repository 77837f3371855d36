/**
 * Which memory pages does a Linux process write to?
 *
 * Tracks them with the kernel's soft-dirty bits, records each snapshot into a trace, and answers from
 * traces offline, without root.
 *
 * @example Read a trace that was recorded elsewhere
 * ```ts
 * import assert from "node:assert/strict";
 * import { fileURLToPath } from "node:url";
 * import { diffSnapshots, openTrace } from "./mod.ts";
 *
 * const trace = openTrace(
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

// Results print themselves in `console.log` and at a prompt.
import { inspectable, installInspection } from "./lib/repl/printing.ts";

installInspection();

export { inspectable };

export { byMapping, type MappingUse } from "./lib/analysis/by_mapping.ts";
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
export { type HotPages, hotPages, type HotRange } from "./lib/analysis/hot.ts";
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
export type { RoundFacts, StopReason } from "./lib/analysis/planners/stop_rules.ts";
export type { Timeline } from "./lib/analysis/planners/timeline.ts";
export type { TimeColumn } from "./lib/analysis/time_columns.ts";
export { type TimeSeries, timeSeries } from "./lib/analysis/time_series.ts";
export type { Ranged } from "./lib/analysis/ranged.ts";
export { type DirtyRate, dirtyRates, type MappingRate } from "./lib/analysis/rate.ts";
export type { Covered } from "./lib/analysis/windows.ts";
export { type WorkingSet, workingSets } from "./lib/analysis/working_set.ts";
export type { WorkingSetPoint } from "./lib/analysis/working_set_curve.ts";
export { formatAddress, parseAddress } from "./lib/core/address.ts";
export { leastWritten } from "./lib/core/blurred_blocks.ts";
export { countedOnce } from "./lib/core/counted_once.ts";
export {
  type Coverage,
  coverageOf,
  isConclusive,
  isMostlyUntracked,
  mergeProcesses,
  mergeWindows,
  type UntrackedReason,
  type UntrackedShare,
  untrackedShare,
} from "./lib/core/coverage.ts";
export { diffSnapshots, SnapshotDiff } from "./lib/core/diff.ts";
export {
  ExpressionError,
  ImportError,
  type ImportErrorCode,
  ProcessError,
  type ProcessErrorCode,
  ReplayError,
  SoftdirtyError,
  TraceError,
  type TraceErrorCode,
  TrackingUnsupportedError,
} from "./lib/core/errors.ts";
export { explain, type Explanation, type Reason, type ReasonShare } from "./lib/core/explain.ts";
export { type Address, filterSnapshot, type SnapshotFilter } from "./lib/core/filter.ts";
export { groupSnapshots } from "./lib/core/group_snapshots.ts";
export type { MappingChange, MappingChangeKind } from "./lib/core/mapping_changes.ts";
export { type PageNumber, type PageRange, type PageRun, PageSet } from "./lib/core/page_set.ts";
export type { ProbeReport, ProbeStep, TrackerChoice } from "./lib/core/probe_report.ts";
export type { ProcessIdentity } from "./lib/core/process.ts";
export {
  type ClearEvent,
  type PageFlag,
  type PageSets,
  type ReadConditions,
  type ReadMethod,
  Snapshot,
  type SnapshotFields,
  type TrackerKind,
} from "./lib/core/snapshot.ts";
export type { ReadOptions } from "./lib/core/tracker.ts";
export { type Narrowing } from "./lib/query/narrow.ts";
export { Query } from "./lib/query/query.ts";
export type { SnapshotSeries, UntrackedProcess } from "./lib/core/untracked_process.ts";
export { VERSION } from "./lib/core/version.ts";
export type { Vma } from "./lib/core/vma.ts";
export { ArgumentError } from "./lib/session/checked_calls.ts";
export type { CopyOptions } from "./lib/session/import_copies.ts";
export type { CriuOptions, ImportedTrace } from "./lib/session/import_criu.ts";
export { importCopies, importCriu } from "./lib/session/imports.ts";
export type { LiveOptions } from "./lib/session/live_source.ts";
export type {
  Measurable,
  MeasureOptions,
  Measures,
  Plans,
  TotalOptions,
} from "./lib/session/measures.ts";
export type { ProcessGroup } from "./lib/session/source.ts";
export type { PagemapCopy } from "./lib/session/pagemap_copy.ts";
export { openLive, openReplay, openTrace, type Sd } from "./lib/session/sd.ts";
export type { WatchOptions } from "./lib/session/watch.ts";
export type { ByteSource, TraceProblem } from "./lib/trace/byte_source.ts";
export { TraceReader } from "./lib/trace/reader.ts";
export type {
  ComeEvent,
  ExecEvent,
  ExitEvent,
  HeaderEvent,
  MarkEvent,
  UntrackedEvent,
  WarningEvent,
} from "./lib/trace/schema.ts";
export { type UntrackedStretch, untrackedStretches } from "./lib/trace/untracked_stretches.ts";
