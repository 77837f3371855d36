/**
 * What forks in a part of the time cost.
 *
 * @module
 */

import { distribution } from "../analysis/distribution.ts";
import type { ForkPlan } from "../analysis/planners/fork.ts";
import { formatBytes, formatCount, formatDuration } from "../report/units.ts";

/** A sentence of the moments between these; none of a plan that has no moments at all. */
export function forksText(
  { moments, pageSizeBytes, durationNs }: ForkPlan,
  startNs: number,
  endNs: number,
): string {
  if (moments.length === 0) return "";
  const within = moments.filter(({ atNs }) => atNs >= startNs && atNs <= endNs);
  if (within.length === 0) {
    const lifetime = formatDuration(durationNs);
    return `No fork was tried in this time, whose child lives for ${lifetime} before the trace ends.`;
  }
  const bytes = (pages: number) => formatBytes(Math.round(pages * pageSizeBytes));
  const { p50, max } = distribution(within.map(({ copiedPages }) => copiedPages));
  const worst = within.find(({ copiedPages }) => copiedPages === max)!;
  const worstAt = formatDuration(worst.atNs);
  if (within.length === 1) return `Forked at ${worstAt} it costs ${bytes(max)}.`;
  return `Forked at ${formatCount(within.length)} moments: the median costs ${bytes(p50)}, ` +
    `the worst, at ${worstAt}, ${bytes(max)}.`;
}
