/**
 * Forecasts of what forks cost in words, and as CSV.
 *
 * @module
 */

import pc from "picocolors";
import type { ForkPlan } from "../analysis/planners/fork.ts";
import { formatCsv } from "./csv.ts";
import { processText } from "./snapshot_text.ts";
import { type Block, blocksText } from "./table.ts";
import { formatBytes, formatCount, formatDuration, formatShare } from "./units.ts";

/** What {@linkcode forkBlocks} tells, as lines of a terminal. */
export function forkText(result: ForkPlan): string {
  return blocksText(forkBlocks(result));
}

/** The verdict first, then how it spreads, and how sure it is. */
export function forkBlocks(plan: ForkPlan): Block[] {
  const { process, pageSizeBytes, copiedPages, momentCount, privatePages, durationNs } = plan;
  const bytes = (pages: number) => formatBytes(Math.round(pages * pageSizeBytes));
  if (copiedPages === null) {
    return [
      pc.bold(
        `${
          processText(process)
        } was seen in one window alone: what a fork after it costs, none tells`,
      ),
    ];
  }
  const lines = [
    pc.bold(
      `a fork of ${processText(process)} that lives for ${formatDuration(durationNs)} costs ` +
        `${bytes(plan.meanPages!)} on average: ${formatShare(plan.meanPages!, privatePages)} of ` +
        `${bytes(privatePages)} private memory`,
    ),
  ];
  if (momentCount > 1) {
    lines.push(
      `forked at ${formatCount(momentCount)} moments of the trace: the least costs ` +
        `${bytes(copiedPages.min)}, the median ${bytes(copiedPages.p50)}, nine in ten up to ` +
        `${bytes(copiedPages.p90)}; the worst, ${formatDuration(plan.worstAtNs!)} after the ` +
        `beginning, ${bytes(copiedPages.max)}`,
    );
  }
  const [least, most] = [bytes(plan.atLeastPages!), bytes(plan.atMostPages!)];
  if (least !== most) {
    lines.push(`because of how long its windows are, the mean may also be ${least} to ${most}`);
  }
  if (durationNs < plan.askedNs) {
    lines.push(
      pc.yellow(
        `the trace does not go on for ${formatDuration(plan.askedNs)}; ` +
          `${formatDuration(durationNs)} are the most it can tell`,
      ),
    );
  }
  if (!plan.isMemoryTold) {
    lines.push(
      "this trace does not tell what exists: pages that are new count as copied, too",
    );
  }
  lines.push("what the child itself writes to comes on top, and is in no trace of its parent");
  return lines;
}

/** A row for each process. */
export function forkCsv(plans: readonly ForkPlan[]): string {
  return formatCsv(
    [
      ...["pid", "command", "durationNs", "moments", "privatePages", "meanPages", "atLeastPages"],
      ...["atMostPages", "minPages", "p50Pages", "p90Pages", "p99Pages", "maxPages", "worstAtNs"],
    ],
    plans.map(({ process: { pid, command }, copiedPages, ...plan }) => [
      ...[pid, command, plan.durationNs, plan.momentCount, plan.privatePages],
      ...[plan.meanPages, plan.atLeastPages, plan.atMostPages, copiedPages?.min, copiedPages?.p50]
        .map((value) => value ?? ""),
      ...[copiedPages?.p90, copiedPages?.p99, copiedPages?.max, plan.worstAtNs]
        .map((value) => value ?? ""),
    ]),
  );
}
