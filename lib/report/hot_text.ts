/**
 * Hot and cold pages in words, and as CSV.
 *
 * @module
 */

import pc from "picocolors";
import type { HotPages, HotRange } from "../analysis/hot.ts";
import { formatAddress } from "../core/address.ts";
import type { Covered } from "../analysis/windows.ts";
import {
  COVERAGE_HEADINGS,
  coverageBlocks,
  coverageCells,
  coverageVerdict,
} from "./coverage_text.ts";
import { formatCsv } from "./csv.ts";
import { mappingName, processText } from "./snapshot_text.ts";
import { type Block, blocksText, type TableBlock } from "./table.ts";
import { formatBytes, formatCount, formatDuration, formatPages, formatShare } from "./units.ts";

/** {@linkcode hotBlocks} as lines of a terminal. */
export function hotText(result: HotPages & Covered): string {
  return blocksText(hotBlocks(result));
}

/** The verdict first, then what it cannot show, how often pages were dirty, and the hottest ranges. */
export function hotBlocks(hot: HotPages & Covered): Block[] {
  const { process, pageSizeBytes, snapshotCount, pageCount, shares, endNs, coverage } = hot;
  const bytes = (pages: number) => formatBytes(pages * pageSizeBytes);
  const atLeast = (part: number) =>
    shares.filter(({ dirtyCount }) => dirtyCount >= snapshotCount * part)
      .reduce((sum, one) => sum + one.pageCount, 0);
  const always = atLeast(1);
  const once = shares.find(({ dirtyCount }) => dirtyCount === 1)?.pageCount ?? 0;
  const unknown = coverageVerdict(coverage, "which pages are hot is unknown");
  const verdict = unknown !== undefined
    ? `${processText(process)}: ${unknown}`
    : snapshotCount === 1
    ? `${processText(process)} wrote to ${bytes(always)} in one snapshot, which shows no more`
    : `${processText(process)} writes to ${bytes(always)} all the time: ` +
      `${formatShare(always, pageCount)} of ${formatPages(pageCount)} that it wrote to at all`;
  const lines: Block[] = [pc.bold(verdict), ...coverageBlocks(coverage)];
  if (hot.granularityPages > 1) {
    lines.push(
      `pages are too many, or too far apart, to count each: every ${bytes(hot.granularityPages)} ` +
        "are counted together, so that sizes are the most that there can be",
    );
  }
  if (snapshotCount > 1) {
    lines.push(
      `${bytes(atLeast(0.5))} were dirty in half of ${formatCount(snapshotCount)} snapshots or ` +
        `more, ${bytes(once)} in one alone`,
    );
  }
  if (hot.ranges.length > 0) {
    lines.push("", rangeTable(hot, (range) => formatDuration(endNs - range.lastDirtyAtNs)));
    const rest = hot.rangeCount - hot.ranges.length;
    if (rest > 0) lines.push(`and ${formatCount(rest)} more ranges; --limit shows more`);
  }
  return lines;
}

function rangeTable(
  { ranges, pageSizeBytes, snapshotCount }: HotPages,
  coldFor: (range: HotRange) => string,
): TableBlock {
  const rows = ranges.map((range) => [
    formatAddress(range.start, pageSizeBytes),
    formatBytes((range.end - range.start) * pageSizeBytes),
    formatCount(range.dirtyCount),
    formatShare(range.dirtyCount, snapshotCount),
    range.meanIntervalNs === null ? "once" : formatDuration(range.meanIntervalNs),
    coldFor(range),
    range.mapping === undefined ? "" : mappingName(range.mapping),
  ]);
  const right = ["address", "size", "dirty", "of all", "each", "cold for"];
  return {
    columns: [
      ...right.map((heading) => ({ heading, align: "right" as const })),
      { heading: "mapping", align: "left" },
    ],
    rows,
  };
}

/** A row for each range of each process. */
export function hotCsv(all: readonly (HotPages & Covered)[]): string {
  return formatCsv(
    [
      ...["pid", "command", "address", "pages", "dirtyCount", "snapshots", "meanIntervalNs"],
      ...["lastDirtyAtNs", "mapping", ...COVERAGE_HEADINGS],
    ],
    all.flatMap(({ process, pageSizeBytes, snapshotCount, ranges, coverage }) =>
      ranges.map((range) => [
        ...[process.pid, process.command, formatAddress(range.start, pageSizeBytes)],
        ...[range.end - range.start, range.dirtyCount, snapshotCount, range.meanIntervalNs ?? ""],
        ...[range.lastDirtyAtNs, range.mapping === "" ? "[anon]" : range.mapping ?? ""],
        ...coverageCells(coverage),
      ])
    ),
  );
}
