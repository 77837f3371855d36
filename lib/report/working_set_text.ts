/**
 * Working sets in words, and as CSV.
 *
 * @module
 */

import pc from "picocolors";
import type { WorkingSet } from "../analysis/working_set.ts";
import { formatCsv } from "./csv.ts";
import { processText } from "./snapshot_text.ts";
import { type Block, blocksText } from "./table.ts";
import { formatBytes, formatCount, formatDuration, formatPages, formatShare } from "./units.ts";

/** What {@linkcode workingSetBlocks} tells, as lines of a terminal. */
export function workingSetText(result: WorkingSet): string {
  return blocksText(workingSetBlocks(result));
}

/** The verdict first, then the curve. */
export function workingSetBlocks(set: WorkingSet): Block[] {
  const { process, pageSizeBytes, pageCount, durationNs, points } = set;
  const bytes = (pages: number) => formatBytes(pages * pageSizeBytes);
  const [shortest] = points;
  const verdict = `${processText(process)} writes to ${bytes(shortest.pages.p50)} in ` +
    `${formatDuration(shortest.meanDurationNs)}, and to ${bytes(pageCount)} in all of ` +
    formatDuration(durationNs);
  const rows = points.map(({ snapshotCount, meanDurationNs, pages }) => [
    formatDuration(meanDurationNs),
    formatCount(snapshotCount),
    ...[pages.min, pages.p25, pages.p50, pages.p75, pages.max].map(bytes),
    formatShare(pages.p50, pageCount),
    formatCount(pages.count),
  ]);
  const headings = ["window", "snapshots", "least", "25 %", "median", "75 %", "most", "of all"];
  return [
    pc.bold(verdict),
    `${formatPages(pageCount)} were dirty in at least one of ` +
    `${formatCount(set.snapshotCount)} snapshots`,
    "",
    {
      columns: [...headings, "windows"].map((heading) => ({ heading, align: "right" })),
      rows,
    },
  ];
}

const HEADINGS = [
  ...["pid", "command", "snapshots", "meanDurationNs", "windows"],
  ...["minPages", "p25Pages", "p50Pages", "p75Pages", "p90Pages", "p99Pages", "maxPages"],
];

/** A row for each length of window of each process. */
export function workingSetCsv(sets: readonly WorkingSet[]): string {
  return formatCsv(
    HEADINGS,
    sets.flatMap(({ process: { pid, command }, points }) =>
      points.map(({ snapshotCount, meanDurationNs, pages }) => {
        const { count, min, p25, p50, p75, p90, p99, max } = pages;
        return [
          ...[pid, command, snapshotCount, meanDurationNs, count],
          ...[min, p25, p50, p75, p90, p99, max],
        ];
      })
    ),
  );
}
