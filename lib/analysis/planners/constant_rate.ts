/**
 * What a formula says that knows no pages, only one rate (H. Liu and others, "Performance and Energy
 * Modeling for Live Migration of Virtual Machines", HPDC 2011): each round sends what was written in
 * the round before, and so a constant part of it.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { constantRate } from "./constant_rate.ts";
 *
 * const link = { bytesPerSecond: 100, maxDowntimeNs: 1e9 };
 * const { roundCount, sentBytes, downtimeNs } = constantRate(1000, 50, link);
 * assert.equal(roundCount, 4); // 1000, 500, 250, 125 while it runs, then 62.5
 * assert.equal(sentBytes, 1937.5);
 * assert.equal(downtimeNs, 0.625e9);
 * ```
 *
 * @module
 */

import type { LinkOptions } from "./pre_copy.ts";
import { transferNs } from "./stop_rules.ts";
import { log, power } from "../exact_math.ts";

/** What the formula says. */
export interface ConstantRate {
  /** Dirty rate over transfer rate. From 1 on no round is smaller than the one before. */
  readonly lambda: number;
  /** The dirty rate that the formula was applied to. */
  readonly dirtyBytesPerSecond: number;
  /** Rounds while the process runs; null if it does not converge, as are the next three. */
  readonly roundCount: number | null;
  /** Bytes sent in all rounds and in the downtime. */
  readonly sentBytes: number | null;
  /** Time for which the process is stopped. */
  readonly downtimeNs: number | null;
  /** Time from the first byte to the last, downtime included. */
  readonly totalNs: number | null;
}

/** Applies the formula. A threshold that all of memory is below needs no round while the process runs. */
export function constantRate(
  memoryBytes: number,
  dirtyBytesPerSecond: number,
  { bytesPerSecond, maxDowntimeNs }: LinkOptions,
): ConstantRate {
  const lambda = dirtyBytesPerSecond / bytesPerSecond;
  const thresholdBytes = maxDowntimeNs / 1e9 * bytesPerSecond;
  if (memoryBytes > thresholdBytes && !(lambda < 1 && thresholdBytes > 0)) {
    const never = { roundCount: null, sentBytes: null, downtimeNs: null, totalNs: null };
    return { lambda, dirtyBytesPerSecond, ...never };
  }
  let roundCount = memoryBytes <= thresholdBytes
    ? 0
    : lambda === 0
    ? 1
    : Math.ceil(log(thresholdBytes / memoryBytes) / log(lambda));
  // The logarithm may come out a little above a whole number.
  if (roundCount > 1 && memoryBytes * power(lambda, roundCount - 1) <= thresholdBytes) roundCount--;
  const sentBytes = lambda === 1
    ? memoryBytes
    : memoryBytes * (1 - power(lambda, roundCount + 1)) / (1 - lambda);
  const downtimeNs = transferNs(memoryBytes * power(lambda, roundCount), bytesPerSecond);
  return {
    lambda,
    dirtyBytesPerSecond,
    roundCount,
    sentBytes,
    downtimeNs,
    totalNs: transferNs(sentBytes, bytesPerSecond),
  };
}
