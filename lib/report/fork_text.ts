/**
 * Forecasts of what forks cost in words, and as CSV.
 *
 * @module
 */

import pc from "picocolors";
import type { ForkPlan } from "../analysis/planners/fork.ts";
import type { Ranged } from "../analysis/ranged.ts";
import {
  COVERAGE_HEADINGS,
  coverageBlocks,
  coverageCells,
  coverageVerdict,
} from "./coverage_text.ts";
import { formatCsv } from "./csv.ts";
import { processText } from "./snapshot_text.ts";
import { type Block, blocksText } from "./table.ts";
import { formatBytes, formatCount, formatDuration, formatShare } from "./units.ts";

/** {@linkcode forkBlocks} as lines of a terminal. */
export function forkText(result: Ranged<ForkPlan>): string {
  return blocksText(forkBlocks(result));
}

/** The verdict first, then what it cannot show, how it spreads, and how sure it is. */
export function forkBlocks(plan: Ranged<ForkPlan>): Block[] {
  const { process, pageSizeBytes, copiedPages, momentCount, privatePages, durationNs } = plan;
  const { coverage, least } = plan;
  const name = processText(process, coverage);
  const bytes = (pages: number) => formatBytes(Math.round(pages * pageSizeBytes));
  if (copiedPages === null) {
    return [
      pc.bold(`${name} was seen in one window: the cost of a fork after it is unknown`),
      ...coverageBlocks(coverage),
    ];
  }
  const range = (most: number, lowest: number | null | undefined) =>
    lowest === null || lowest === undefined ? bytes(most) : `${bytes(lowest)} to ${bytes(most)}`;
  const unknown = coverageVerdict(coverage, "what a fork costs is unknown");
  const lines: Block[] = [
    pc.bold(
      unknown !== undefined ? `${name}: ${unknown}` : `a fork of ${name} that lives for ` +
        `${formatDuration(durationNs)} costs ${range(plan.meanPages!, least?.meanPages)} on ` +
        `average: ${least === null ? "" : "at most "}` +
        `${formatShare(plan.meanPages!, privatePages)} of ${bytes(privatePages)} private memory`,
    ),
    ...coverageBlocks(coverage),
  ];
  if (least !== null) {
    lines.push(
      "a fork copies 4 KiB at a time, also of a huge page: the lower bound is one page of each " +
        "huge page or folio that was reported",
    );
  }
  if (plan.untrackedPages > 0) {
    lines.push(`up to ${bytes(plan.untrackedPages)} of untracked private memory come on top`);
  }
  if (momentCount > 1) {
    lines.push(
      `forked at ${formatCount(momentCount)} moments of the trace: the least costs ` +
        `${range(copiedPages.min, least?.copiedPages?.min)}, the median ${
          range(copiedPages.p50, least?.copiedPages?.p50)
        }, ` +
        `nine in ten up to ${bytes(copiedPages.p90)}; the worst, ${
          formatDuration(plan.worstAtNs!)
        } after the ` +
        `beginning, ${least === null ? "" : "up to "}${bytes(copiedPages.max)}`,
    );
  }
  const [lowest, highest] = [
    bytes((least ?? plan).atLeastPages ?? plan.atLeastPages!),
    bytes(plan.atMostPages!),
  ];
  if (lowest !== highest) {
    lines.push(`because its windows are so long, the mean can be ${lowest} to ${highest}`);
  }
  if (durationNs < plan.askedNs) {
    lines.push(
      pc.yellow(
        `the trace is shorter than ${formatDuration(plan.askedNs)}; ` +
          `${formatDuration(durationNs)} are the most that it can answer for`,
      ),
    );
  }
  if (!plan.isMemoryRecorded) {
    lines.push(
      "this trace does not record what exists: new pages count as copied, too",
    );
  }
  lines.push("what the child itself writes to comes on top, and is in no trace of its parent");
  return lines;
}

/** A row for each process. */
export function forkCsv(plans: readonly Ranged<ForkPlan>[]): string {
  return formatCsv(
    [
      ...["pid", "command", "durationNs", "moments", "privatePages", "meanPages", "atLeastPages"],
      ...["atMostPages", "minPages", "p50Pages", "p90Pages", "p99Pages", "maxPages", "worstAtNs"],
      ...["leastMeanPages", "untrackedPrivatePages", ...COVERAGE_HEADINGS],
    ],
    plans.map(({ process: { pid, command }, copiedPages, ...plan }) => [
      ...[pid, command, plan.durationNs, plan.momentCount, plan.privatePages],
      ...[plan.meanPages, plan.atLeastPages, plan.atMostPages, copiedPages?.min, copiedPages?.p50]
        .map((value) => value ?? ""),
      ...[copiedPages?.p90, copiedPages?.p99, copiedPages?.max, plan.worstAtNs]
        .map((value) => value ?? ""),
      (plan.least ?? plan).meanPages ?? "",
      plan.untrackedPages,
      ...coverageCells(plan.coverage),
    ]),
  );
}
