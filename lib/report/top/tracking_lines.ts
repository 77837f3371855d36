/**
 * What tracking costs, and what it does not see, in a line or two.
 *
 * @module
 */

import type { RecentState } from "../../analysis/recent_writes.ts";
import { programName } from "../../core/program.ts";
import { formatBytes, formatDuration, formatRate, formatShare } from "../units.ts";

/** The first tells what it costs; others only where there is something to tell. */
export function trackingLines(states: readonly RecentState[]): string[] {
  const sum = (value: (state: RecentState) => number) =>
    states.reduce((all, state) => all + value(state), 0);
  const windowNs = sum(({ totals }) => totals.windowNs);
  if (windowNs === 0) return [];
  const tracking = formatShare(sum(({ totals }) => totals.trackingNs), windowNs);
  const target = formatShare(sum(({ totals }) => totals.targetCostNs), windowNs);
  const lines = [
    `read and cleared in ${tracking} of the time; costs what is tracked about ${target}`,
  ];
  const unseenNs = sum(({ totals }) => totals.unseenNs);
  const untracked = sum(({ snapshot }) => snapshot.untracked.pageCount * snapshot.pageSizeBytes);
  const gaps = [
    ...unseenNs > 0 ? [`writes in ${formatShare(unseenNs, windowNs)} of the time may be lost`] : [],
    ...untracked > 0 ? [`${formatBytes(untracked)} are not tracked`] : [],
  ];
  if (gaps.length > 0) lines.push(gaps.join("; "));
  return lines;
}

/** One process, above its mappings. */
export function workingSetLine(
  { process, snapshot, rates, workingSet, workingSetNs }: RecentState,
): string {
  const bytes = formatBytes(workingSet.pageCount * snapshot.pageSizeBytes);
  return `${programName(process)} (pid ${process.pid}) writes ${formatRate(rates.at(-1)!, 1e9)}; ` +
    `its working set of ${formatDuration(workingSetNs)}: ${bytes}`;
}
