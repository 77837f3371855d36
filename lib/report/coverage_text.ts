/**
 * What results cannot show, in words and as columns of CSV.
 *
 * @module
 */

import {
  type Coverage,
  isMostlyUntracked,
  type UntrackedReason,
  type UntrackedShare,
  untrackedShare,
} from "../core/coverage.ts";
import { plainText } from "../core/plain_text.ts";
import type { UntrackedProcess } from "../core/untracked_process.ts";
import pc from "picocolors";
import type { Block } from "./table.ts";
import { formatBytes, formatCount, formatDuration, formatPages, formatShare } from "./units.ts";

/** Why memory is untracked, as the end of a sentence about it. */
const REASONS: Readonly<Record<UntrackedReason, string>> = {
  "other-userfaultfd": "another userfaultfd owns it",
  "huge-left-alone": "it has huge pages, which --keep-huge leaves alone",
  hugetlb: "soft-dirty does not track hugetlb memory",
  device: "it is memory of a device",
  pinned: "it is pinned, and soft-dirty cannot clear it",
  unregistered: "userfaultfd refuses it",
  "not-in-source": "what was imported has nothing of it",
};

/** Processes that are named; the rest is counted. */
const NAMED = 5;

/**
 * Shared memory below this, and below this part of what can be written to, is not worth a line of every
 * answer, unless the kernel reclaimed pages.
 */
const RECLAIMABLE_BYTES = 2 ** 20;
const RECLAIMABLE_SHARE = 0.25;

/** New mappings are worth a line from this part of all reported pages on. */
const NEW_SHARE = 0.25;

/** Pages that were given back are worth a line from this part of all reported pages on. */
const DROPPED_SHARE = 0.25;

/** The lines that limit a result; none where nothing does. They stand before any number. */
export function coverageLines(coverage: Coverage): string[] {
  return [
    ...untrackedProcessLines(coverage.untrackedProcesses),
    ...untrackedLines(coverage),
    ...blurLines(coverage),
    ...newMappingLines(coverage),
    ...sharedLines(coverage),
    ...deviceLines(coverage),
    ...droppedLines(coverage),
    ...lossLines(coverage),
  ];
}

/** The same for a terminal. */
export function coverageBlocks(coverage: Coverage): Block[] {
  return coverageLines(coverage).map((line) => pc.yellow(line));
}

/** The memory that one snapshot, or each of two, cannot see; huge pages and losses it has in figures. */
export function untrackedBlocks(coverage: Coverage): Block[] {
  return untrackedText(coverage).map((line) => pc.yellow(line));
}

/** The same without colour. */
export function untrackedText(coverage: Coverage): string[] {
  return [...untrackedLines(coverage), ...sharedLines(coverage), ...deviceLines(coverage)];
}

/**
 * The only verdict where most of the memory is untracked; undefined where enough is tracked.
 *
 * @param unknown what is unknown then, as "its dirty rate is unknown"
 */
export function coverageVerdict(coverage: Coverage, unknown: string): string | undefined {
  if (!isMostlyUntracked(coverage)) return undefined;
  const share = formatShare(untrackedShare(coverage), 1);
  return `${share} of its writable memory is untracked (${reasonsText(coverage)}): ${unknown}`;
}

/** `254 MiB writable, 250 MiB (98.4 %) untracked: another userfaultfd owns it`. */
function untrackedLines(coverage: Coverage): string[] {
  const { untrackedPages, writablePages, pageSizeBytes, untrackedWindowCount, windowCount } =
    coverage;
  if (untrackedPages === 0) return [];
  const bytes = (pages: number) => formatBytes(pages * pageSizeBytes);
  const where = untrackedWindowCount < windowCount
    ? `, in ${formatCount(untrackedWindowCount)} of ${formatCount(windowCount)} windows`
    : "";
  return [
    `${bytes(writablePages)} writable, ${bytes(untrackedPages)} ` +
    `(${formatShare(untrackedPages, writablePages)}) untracked${where}: ${reasonsText(coverage)}`,
  ];
}

function reasonsText({ untracked, pageSizeBytes }: Coverage): string {
  if (untracked.length === 1) return REASONS[untracked[0].reason];
  return untracked.map(({ reason, pageCount }: UntrackedShare) =>
    `${formatBytes(pageCount * pageSizeBytes)}: ${REASONS[reason]}`
  ).join("; ");
}

/** `2 of 3 processes untracked: chromium (pid 5092, cannot-attach)`. */
function untrackedProcessLines(all: readonly UntrackedProcess[]): string[] {
  if (all.length === 0) return [];
  const named = all.slice(0, NAMED).map(({ process: { command, pid }, reason }) =>
    `${plainText(command)} (pid ${pid}, ${plainText(reason)})`
  );
  const rest = all.length > NAMED ? ` and ${formatCount(all.length - NAMED)} more` : "";
  const processes = all.length === 1 ? "1 process" : `${formatCount(all.length)} processes`;
  return [`${processes} of the same group untracked: ${named.join(", ")}${rest}`];
}

function blurLines(coverage: Coverage): string[] {
  const { reportedPages, leastWrittenPages, isHugeKnown, pageSizeBytes } = coverage;
  if (leastWrittenPages >= reportedPages) return [];
  const bytes = (pages: number) => formatBytes(pages * pageSizeBytes);
  const why = isHugeKnown
    ? "huge pages and large folios are reported as a whole"
    : "whole 2 MiB can be huge pages, which are reported as a whole";
  return [
    `${why}: of ${bytes(reportedPages)} reported in all windows, ` +
    `at least ${bytes(leastWrittenPages)} were written`,
  ];
}

function newMappingLines({ newMappingPages, reportedPages, pageSizeBytes }: Coverage): string[] {
  if (newMappingPages === 0 || newMappingPages < reportedPages * NEW_SHARE) return [];
  return [
    `${formatBytes(newMappingPages * pageSizeBytes)} ` +
    `(${formatShare(newMappingPages, reportedPages)}) of what was reported is in new mappings, ` +
    "which are reported as a whole",
  ];
}

function sharedLines(coverage: Coverage): string[] {
  const { reclaimablePages, reclaimedPages, mergeablePages, pageSizeBytes } = coverage;
  const bytes = (pages: number) => formatBytes(pages * pageSizeBytes);
  const lines: string[] = [];
  const isPressed = reclaimedPages !== null && reclaimedPages > 0;
  if (reclaimablePages > 0 && isPressed) {
    lines.push(
      `the kernel reclaimed ${formatPages(reclaimedPages)} meanwhile: writes to ` +
        `${bytes(reclaimablePages)} of shared memory and files are likely to be missing ` +
        "(soft-dirty forgets them at reclaim; uffd-wp does not)",
    );
  } else if (
    reclaimablePages * pageSizeBytes >= RECLAIMABLE_BYTES ||
    reclaimablePages > 0 && reclaimablePages >= coverage.writablePages * RECLAIMABLE_SHARE
  ) {
    lines.push(
      `${bytes(reclaimablePages)} of shared memory and files: soft-dirty forgets writes to them ` +
        "when the kernel reclaims the page, or the process takes it out",
    );
  }
  if (mergeablePages > 0) {
    lines.push(
      `KSM can merge pages of ${bytes(mergeablePages)}: a merged page can lose its write ` +
        "(soft-dirty) or be reported without one (uffd-wp)",
    );
  }
  return lines;
}

function deviceLines({ deviceWritablePages, pageSizeBytes }: Coverage): string[] {
  if (deviceWritablePages === 0) return [];
  return [
    `${
      formatBytes(deviceWritablePages * pageSizeBytes)
    } can be written by devices or by the kernel ` +
    "(pinned buffers, rings): no tracker sees such writes",
  ];
}

/** Worth a line where they are many beside what was reported. */
function droppedLines(coverage: Coverage): string[] {
  const { droppedPages, droppedWindowCount, windowCount, reportedPages, pageSizeBytes } = coverage;
  if (droppedPages === null || droppedPages === 0) return [];
  const reported = reportedPages * Math.min(1, droppedWindowCount / windowCount);
  if (droppedPages < reported * DROPPED_SHARE) return [];
  const where = droppedWindowCount < windowCount
    ? `, counted in ${formatCount(droppedWindowCount)} of ${formatCount(windowCount)} windows`
    : "";
  return [
    `${formatBytes(droppedPages * pageSizeBytes)} given back by the process (MADV_DONTNEED, ` +
    `MADV_FREE)${where}: soft-dirty forgets writes to it, uffd-wp reports it as changed`,
  ];
}

function lossLines(coverage: Coverage): string[] {
  const { lossyWindowCount, lossyNs, windowCount, unknownLossWindowCount } = coverage;
  const lines: string[] = [];
  if (lossyWindowCount > 0) {
    lines.push(
      `a write can be lost between a read and the clear: ${formatDuration(lossyNs)} in ` +
        `${formatCount(lossyWindowCount)} of ${formatCount(windowCount)} windows`,
    );
  }
  if (unknownLossWindowCount > 0) {
    lines.push(
      `whether writes were lost before the clear is unknown in ` +
        `${formatCount(unknownLossWindowCount)} of ${formatCount(windowCount)} windows`,
    );
  }
  return lines;
}

/** The columns that every CSV of results ends with. */
export const COVERAGE_HEADINGS = [
  ...["writableBytes", "untrackedBytes", "untrackedReasons", "untrackedWindows", "windowCount"],
  ...["lossyNs", "reportedBytes", "leastWrittenBytes", "newMappingBytes", "reclaimableBytes"],
  ...["reclaimedPages", "mergeableBytes", "deviceWritableBytes", "droppedBytes"],
  ...["droppedWindows", "untrackedProcesses"],
] as const;

/** The cells below them. */
export function coverageCells(coverage: Coverage): (string | number)[] {
  const { pageSizeBytes, untracked } = coverage;
  const bytes = (pages: number) => pages * pageSizeBytes;
  return [
    bytes(coverage.writablePages),
    bytes(coverage.untrackedPages),
    untracked.map(({ reason }) => reason).join(" "),
    coverage.untrackedWindowCount,
    coverage.windowCount,
    coverage.lossyNs,
    bytes(coverage.reportedPages),
    bytes(coverage.leastWrittenPages),
    bytes(coverage.newMappingPages),
    bytes(coverage.reclaimablePages),
    coverage.reclaimedPages ?? "",
    bytes(coverage.mergeablePages),
    bytes(coverage.deviceWritablePages),
    coverage.droppedPages === null ? "" : bytes(coverage.droppedPages),
    coverage.droppedWindowCount,
    coverage.untrackedProcesses.length,
  ];
}
