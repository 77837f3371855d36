/**
 * How long to wait between snapshots, so that tracking costs a process no more than it may.
 *
 * @module
 */

import type { RecentState } from "./recent_writes.ts";

/** The longest wait; it bounds the age of the last snapshot. */
const LONGEST_MS = 3_600_000;

/**
 * The wait before the next snapshots. A longer window costs less for its length, since a page that is
 * written again does not fault again: the next one is taken to cost as much as the last.
 *
 * @param wantedMs the wait where that is within the budget
 * @param budget the share of its time that tracking may cost a process, from 0 to 1
 */
export function waitWithinBudget(
  states: readonly RecentState[],
  wantedMs: number,
  budget: number,
): number {
  const mostNs = states.reduce((most, { lastCostNs }) => Math.max(most, lastCostNs), 0);
  const neededMs = mostNs / 1e6 / budget;
  return Math.max(wantedMs, Math.min(LONGEST_MS, neededMs));
}
