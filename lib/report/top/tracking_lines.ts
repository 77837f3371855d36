/**
 * What tracking costs, and what it does not see, in a line or two.
 *
 * @module
 */

import type { RecentState, RecentWrites } from "../../analysis/recent_writes.ts";
import { coverageOf, mergeProcesses } from "../../core/coverage.ts";
import { programName } from "../../core/program.ts";
import { untrackedText } from "../coverage_text.ts";
import { processText } from "../snapshot_text.ts";
import { formatBytes, formatDuration, formatRate, formatShare } from "../units.ts";

/**
 * The first line states what tracking costs; others stand only where they have something to state.
 *
 * @param group all processes together, of several
 */
export function trackingLines(states: readonly RecentState[], group?: RecentWrites): string[] {
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
  if (group?.state !== undefined) lines.unshift(groupLine(group.state));
  if (unseenNs > 0) {
    lines.push(`writes can be lost in ${formatShare(unseenNs, windowNs)} of the time`);
  }
  return [
    ...lines,
    ...untrackedText(mergeProcesses(states.map(({ snapshot }) => coverageOf(snapshot)))),
  ];
}

/** All processes, as one. */
function groupLine({ snapshot, rates, workingSet, workingSetNs }: RecentState): string {
  const bytes = formatBytes(workingSet.pageCount * snapshot.pageSizeBytes);
  return `${processText(snapshot.process, { processes: snapshot.members! })} writes ` +
    `${formatRate(rates.at(-1)!, 1e9)}, shared memory counted once; its working set of ` +
    `${formatDuration(workingSetNs)}: ${bytes}`;
}

/** One process, above its mappings. */
export function workingSetLine(
  { process, snapshot, rates, workingSet, workingSetNs }: RecentState,
): string {
  const bytes = formatBytes(workingSet.pageCount * snapshot.pageSizeBytes);
  return `${programName(process)} (pid ${process.pid}) writes ${formatRate(rates.at(-1)!, 1e9)}; ` +
    `its working set of ${formatDuration(workingSetNs)}: ${bytes}`;
}
