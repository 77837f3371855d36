/**
 * Forecasts of incremental checkpoints in words, and as CSV.
 *
 * @module
 */

import pc from "picocolors";
import type { CheckpointInterval, CheckpointPlan } from "../analysis/planners/checkpoint.ts";
import type { Ranged } from "../analysis/ranged.ts";
import {
  COVERAGE_HEADINGS,
  coverageBlocks,
  coverageCells,
  coverageVerdict,
} from "./coverage_text.ts";
import { formatCsv } from "./csv.ts";
import { processText } from "./snapshot_text.ts";
import { type Block, blocksText, type TableBlock } from "./table.ts";
import { formatBytes, formatCount, formatDuration, formatRate, formatShare } from "./units.ts";

/** {@linkcode checkpointBlocks} as lines of a terminal. */
export function checkpointText(result: Ranged<CheckpointPlan>): string {
  return blocksText(checkpointBlocks(result));
}

/** The verdict first, then what it cannot show and stands on, and a row for each interval. */
export function checkpointBlocks(plan: Ranged<CheckpointPlan>): Block[] {
  const { process, pageSizeBytes, best, fullPages, fullNs, leftOutPages, coverage, least } = plan;
  const bytes = (pages: number) => formatBytes(Math.round(pages * pageSizeBytes));
  const isLongest = plan.intervals.every(({ count, meanIntervalNs }) =>
    count === 0 || meanIntervalNs <= best.meanIntervalNs
  );
  const unknown = coverageVerdict(coverage, "what increments would save is unknown");
  const name = processText(process, coverage);
  const size = least === null ? bytes(best.meanPages!) : leastText(plan, bytes);
  const verdict = unknown !== undefined
    ? `${name}: ${unknown}`
    : `${name} is best checkpointed each ` +
      `${formatDuration(best.meanIntervalNs)}${isLongest ? " or less often" : ""}: ` +
      `${size} instead of ${bytes(fullPages)}, ` +
      `${formatShare(best.lostShare!, 1)} of its time`;
  return [
    pc.bold(verdict),
    ...coverageBlocks(coverage),
    ...coverage.untrackedPages > 0
      ? ["untracked private memory is in every dump: whether it was written is unknown"]
      : [],
    `at ${formatRate(plan.bytesPerSecond, 1e9)}, with a failure each ` +
    `${formatDuration(plan.failureNs)} that undoes all since the last checkpoint`,
    `a full dump has ${bytes(fullPages)}, written in ${formatDuration(fullNs)}; ` +
    `${bytes(leftOutPages)} of shared memory and files are left to others` +
    (plan.isMemoryRecorded
      ? ""
      : "; this trace does not record what exists, so that is all mapped memory"),
    `full dumps alone would be best each ${formatDuration(plan.bestFullNs)}`,
    ...isLongest
      ? [`a longer interval needs more than ${formatDuration(plan.durationNs)} of trace`]
      : [],
    "",
    intervalTable(plan, bytes),
  ];
}

/** The size of the best increment, as a range. */
function leastText({ best, least }: Ranged<CheckpointPlan>, bytes: (pages: number) => string) {
  const same = least!.intervals.find(({ meanIntervalNs, isAsked }) =>
    meanIntervalNs === best.meanIntervalNs && isAsked === best.isAsked
  );
  return `${bytes(same?.meanPages ?? 0)} to ${bytes(best.meanPages!)}`;
}

function intervalTable(
  { intervals, best, fullPages }: CheckpointPlan,
  bytes: (pages: number) => string,
): TableBlock {
  const rows = intervals.map((one) =>
    one.pages === null
      ? [`${formatDuration(one.intervalNs)}`, "", "longer than the trace", "", "", "", "", "", ""]
      : [
        one.isAsked ? formatDuration(one.intervalNs) : "",
        formatDuration(one.meanIntervalNs),
        bytes(one.meanPages!),
        formatShare(one.meanPages!, fullPages),
        bytes(one.pages.max),
        formatDuration(one.writeNs!),
        formatDuration(one.savedNs!),
        formatShare(one.lostShare!, 1),
        one === best ? "best" : formatCount(one.count),
      ]
  );
  const headings = [
    ...["asked", "each", "mean size", "of full", "largest", "written in", "saved", "time lost"],
    "checkpoints",
  ];
  return { columns: headings.map((heading) => ({ heading, align: "right" })), rows };
}

/** A row for each interval of each process. */
export function checkpointCsv(plans: readonly Ranged<CheckpointPlan>[]): string {
  const value = (number: number | null) => number ?? "";
  return formatCsv(
    [
      ...["pid", "command", "intervalNs", "isAsked", "meanIntervalNs", "count", "fullPages"],
      ...["meanPages", "maxPages", "writeNs", "savedNs", "lostShare", "leastMeanPages"],
      ...COVERAGE_HEADINGS,
    ],
    plans.flatMap(({ process: { pid, command }, fullPages, intervals, least, coverage }) =>
      intervals.map((one: CheckpointInterval, i) => [
        ...[pid, command, one.intervalNs, one.isAsked ? 1 : 0, one.meanIntervalNs, one.count],
        ...[fullPages, value(one.meanPages), value(one.pages?.max ?? null), value(one.writeNs)],
        ...[value(one.savedNs), value(one.lostShare)],
        value((least?.intervals[i] ?? one).meanPages),
        ...coverageCells(coverage),
      ])
    ),
  );
}
