/**
 * Results as JSON. Addresses are text in hexadecimal, because JSON numbers are not exact enough;
 * field names carry units.
 *
 * @module
 */

import { eachMappingUse } from "../analysis/mapping_use.ts";
import { formatAddress } from "../core/address.ts";
import { coverageOf } from "../core/coverage.ts";
import type { SnapshotDiff } from "../core/diff.ts";
import type { Explanation } from "../core/explain.ts";
import type { MappingChange } from "../core/mapping_changes.ts";
import type { PageSet } from "../core/page_set.ts";
import { Snapshot } from "../core/snapshot.ts";
import type { Vma } from "../core/vma.ts";
import { hugePageCount, wholeHugeBlocks } from "../core/whole_blocks.ts";
import { summarize } from "../trace/summary.ts";
import type { TraceReader } from "../trace/reader.ts";
import type { LoggedEvent } from "./event_text.ts";
import { Listed } from "./json_pieces.ts";

/** Runs as `[first address, page count]`. */
type RunsJson = Listed<readonly [address: string, pageCount: number]>;

/** The runs of a set. */
function runsJson(set: PageSet, pageSizeBytes: number): RunsJson {
  return new Listed(function* () {
    for (const run of set.runs()) yield [formatAddress(run.start, pageSizeBytes), run.pageCount];
  });
}

/** A snapshot with its mappings and dirty runs. */
export function snapshotJson(snapshot: Snapshot) {
  const { pageSizeBytes } = snapshot;
  return {
    type: "read",
    index: snapshot.index,
    process: snapshot.process,
    tracker: snapshot.tracker,
    readAt: snapshot.readAt.toISOString(),
    atNs: snapshot.atNs,
    durationNs: snapshot.durationNs,
    sinceClearNs: snapshot.sinceClear === null ? null : snapshot.atNs - snapshot.sinceClear.atNs,
    pageSizeBytes,
    populatedPages: snapshot.knows("present") ? snapshot.populated.pageCount : null,
    dirtyPages: snapshot.dirty.pageCount,
    dirtyPopulatedPages: snapshot.dirtyPopulated.pageCount,
    untrackedPages: snapshot.untracked.pageCount,
    wholeHugeBlocks: blocksJson(
      wholeHugeBlocks(snapshot.dirtyPopulated, pageSizeBytes),
      pageSizeBytes,
    ),
    reasons: explanationJson(snapshot.explain()),
    coverage: coverageOf(snapshot),
    readBy: snapshot.readBy,
    stoppedNs: snapshot.stoppedNs,
    unseenNs: snapshot.sinceClear?.unseenNs ?? null,
    dirtyRuns: runsJson(snapshot.dirty, pageSizeBytes),
    dirtyPopulatedRuns: runsJson(snapshot.dirtyPopulated, pageSizeBytes),
    mappings: new Listed(function* () {
      for (const { vma, ...counts } of eachMappingUse(snapshot)) {
        yield { ...vmaJson(vma, pageSizeBytes), ...counts };
      }
    }),
  };
}

/** Pages and bytes for each reason why they are reported. */
function explanationJson({ shares }: Explanation) {
  return Object.fromEntries(
    shares.map(({ reason, pages, populatedPages, bytes, undecidedPages }) => [
      reason,
      { pages: pages.pageCount, populatedPages, bytes, undecidedPages },
    ]),
  );
}

/** A diff with its runs and changed mappings. */
export function diffJson(diff: SnapshotDiff) {
  const { pageSizeBytes } = diff.after;
  const set = (pages: PageSet) => ({
    pages: pages.pageCount,
    runs: runsJson(pages, pageSizeBytes),
  });
  return {
    before: diff.before.index,
    after: diff.after.index,
    processes: [diff.before.process, diff.after.process],
    isSameProcess: diff.isSameProcess,
    isClearedBetween: diff.isClearedBetween,
    pageSizeBytes,
    became: set(diff.became),
    ceased: set(diff.ceased),
    stayed: set(diff.stayed),
    clearedByOthers: set(diff.clearedByOthers),
    mappings: new Listed(function* () {
      for (const change of diff.mappings) yield changeJson(change, pageSizeBytes);
    }),
    reasons: explanationJson(diff.after.explain()),
    coverage: { before: coverageOf(diff.before), after: coverageOf(diff.after) },
  };
}

/** One event of a trace; a snapshot is given by its counts. */
export function eventJson(event: LoggedEvent) {
  if (!(event instanceof Snapshot)) {
    if (event.type !== "clear") return event;
    const { vmas: _, ...clear } = event;
    return clear;
  }
  const { dirtyRuns: _, dirtyPopulatedRuns: __, mappings: ___, ...counts } = snapshotJson(event);
  return counts;
}

/** What a trace is and holds. */
export function traceJson(trace: TraceReader) {
  return {
    file: trace.name,
    files: trace.files,
    sizeBytes: trace.sizeBytes,
    header: trace.header,
    eventCount: trace.eventCount,
    snapshotCount: trace.snapshotCount,
    ...summarize(trace),
    problems: trace.problems,
  };
}

function blocksJson({ pageCount }: PageSet, pageSizeBytes: number) {
  return { blockCount: hugePageCount(pageCount, pageSizeBytes), pageCount };
}

function vmaJson(vma: Vma, pageSizeBytes: number) {
  const { perms, offsetPages, device, inode, name } = vma;
  return {
    start: formatAddress(vma.start, pageSizeBytes),
    end: formatAddress(vma.end, pageSizeBytes),
    perms,
    offsetPages,
    device,
    inode,
    name,
  };
}

function changeJson(change: MappingChange, pageSizeBytes: number) {
  return {
    kind: change.kind,
    start: formatAddress(change.start, pageSizeBytes),
    end: formatAddress(change.end, pageSizeBytes),
    before: change.before && vmaJson(change.before, pageSizeBytes),
    after: change.after && vmaJson(change.after, pageSizeBytes),
  };
}
