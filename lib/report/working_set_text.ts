/**
 * Working sets in words, and as CSV.
 *
 * @module
 */

import pc from "picocolors";
import type { Ranged } from "../analysis/ranged.ts";
import type { WorkingSet } from "../analysis/working_set.ts";
import {
  COVERAGE_HEADINGS,
  coverageBlocks,
  coverageCells,
  coverageVerdict,
} from "./coverage_text.ts";
import { isMostlyUntracked } from "../core/coverage.ts";
import { formatCsv } from "./csv.ts";
import { processText } from "./snapshot_text.ts";
import { type Block, blocksText } from "./table.ts";
import { formatBytes, formatCount, formatDuration, formatPages, formatShare } from "./units.ts";

/** {@linkcode workingSetBlocks} as lines of a terminal. */
export function workingSetText(result: Ranged<WorkingSet>): string {
  return blocksText(workingSetBlocks(result));
}

/** The verdict first, then what it cannot show, and the curve. */
export function workingSetBlocks(set: Ranged<WorkingSet>): Block[] {
  const { process, pageSizeBytes, pageCount, durationNs, points, least, coverage } = set;
  const bytes = (pages: number) => formatBytes(pages * pageSizeBytes);
  const [shortest] = points;
  const range = (most: number, lowest: number | undefined) =>
    lowest === undefined || lowest === most ? bytes(most) : `${bytes(lowest)} to ${bytes(most)}`;
  const verdict = coverageVerdict(coverage, "its working set is unknown") ??
    `writes to ${range(shortest.pages.p50, least?.points[0].pages.p50)} in ` +
      `${formatDuration(shortest.meanDurationNs)}, and to ${range(pageCount, least?.pageCount)} ` +
      `in all of ${formatDuration(durationNs)}`;
  const name = processText(process, coverage);
  const isKnown = !isMostlyUntracked(coverage);
  const rows = points.map(({ snapshotCount, meanDurationNs, pages }) => [
    formatDuration(meanDurationNs),
    formatCount(snapshotCount),
    ...[pages.min, pages.p25, pages.p50, pages.p75, pages.max].map(bytes),
    formatShare(pages.p50, pageCount),
    formatCount(pages.count),
  ]);
  const headings = ["window", "snapshots", "least", "25 %", "median", "75 %", "most", "of all"];
  return [
    pc.bold(isKnown ? `${name} ${verdict}` : `${name}: ${verdict}`),
    ...coverageBlocks(coverage),
    `${formatPages(pageCount)} were dirty in at least one of ` +
    `${formatCount(set.snapshotCount)} snapshots`,
    "",
    {
      columns: [...headings, "windows"].map((heading) => ({ heading, align: "right" })),
      rows,
    },
    ...tailLines(points),
  ];
}

/** How much of the trace the longest windows leave out of all values but the largest. */
function tailLines(points: WorkingSet["points"]): string[] {
  const { snapshotCount, tailSnapshotCount } = points.at(-1)!;
  if (tailSnapshotCount === 0) return [];
  const [tail, count] = tailSnapshotCount === 1
    ? ["the last snapshot makes", "counts"]
    : [`the last ${formatCount(tailSnapshotCount)} snapshots make`, "count"];
  return [`${tail} no window of ${formatCount(snapshotCount)}, and ${count} for "most" alone`];
}

const HEADINGS = [
  ...["pid", "command", "snapshots", "meanDurationNs", "windows"],
  ...["minPages", "p25Pages", "p50Pages", "p75Pages", "p90Pages", "p99Pages", "maxPages"],
  ...["tailSnapshots", "leastP50Pages", "leastMaxPages", ...COVERAGE_HEADINGS],
];

/** A row for each length of window of each process. */
export function workingSetCsv(sets: readonly Ranged<WorkingSet>[]): string {
  return formatCsv(
    HEADINGS,
    sets.flatMap(({ process: { pid, command }, points, least, coverage }) =>
      points.map(({ snapshotCount, meanDurationNs, pages, tailSnapshotCount }, i) => {
        const { count, min, p25, p50, p75, p90, p99, max } = pages;
        const lowest = least?.points[i].pages ?? pages;
        return [
          ...[pid, command, snapshotCount, meanDurationNs, count],
          ...[min, p25, p50, p75, p90, p99, max, tailSnapshotCount],
          ...[lowest.p50, lowest.max],
          ...coverageCells(coverage),
        ];
      })
    ),
  );
}
