/**
 * What changed from one mean to another, and whether it is more than chance makes.
 *
 * @module
 */

import type { Estimate } from "./sample.ts";
import { student95 } from "./student.ts";

/** A mean of windows, before and after. */
export interface Change {
  /** Null if there is no such thing on that side. */
  readonly before: number | null;
  /** Mean of the second side, in the unit of `before`; null if that side has nothing of it. */
  readonly after: number | null;
  /** What came on top, over what was before: 0.1 is 10 % more. Null if there was nothing. */
  readonly growth: number | null;
  /**
   * Between these the growth lies with a probability of 95 %, if windows are drawn independently
   * (Fieller's interval, with Student's t). Null if there was nothing, a side has one window alone, or
   * what was before varies so much that the growth is not bounded.
   */
  readonly atLeast: number | null;
  /** Upper end of the interval of 95 %; null where `atLeast` is. */
  readonly atMost: number | null;
  /** True if what was before and what is after differ by more than chance makes in 5 % of cases. */
  readonly isCertain: boolean;
}

/**
 * What changed; null stands for a side that is not there.
 */
export function changeOf(before: Estimate | null, after: Estimate | null): Change {
  if (before === null || after === null) {
    const none = { growth: null, atLeast: null, atMost: null, isCertain: true };
    return { before: before?.mean ?? null, after: after?.mean ?? null, ...none };
  }
  const [a, b] = [before.mean, after.mean];
  const t = student95(degreesOf(before, after));
  const [errorA, errorB] = [t * t * before.errorSquared, t * t * after.errorSquared];
  const isKnown = !Number.isNaN(errorA + errorB);
  return {
    before: a,
    after: b,
    growth: a > 0 ? b / a - 1 : b === 0 ? 0 : null,
    ...isKnown && a > 0 ? growthRange(a, b, errorA, errorB) : { atLeast: null, atMost: null },
    isCertain: isKnown && (b - a) * (b - a) > errorA + errorB,
  };
}

/** B. L. Welch's: how many windows as good as independent the difference of both stands on. */
function degreesOf(before: Estimate, after: Estimate): number {
  const [a, b] = [before.errorSquared, after.errorSquared];
  if (a + b === 0) return Infinity;
  return (a + b) * (a + b) / (a * a / before.degrees + b * b / after.degrees);
}

/**
 * The ratios `r` for which `b - r a` may be 0 by chance: E. C. Fieller's interval, which holds 0 growth
 * just if the difference is not certain.
 */
function growthRange(a: number, b: number, errorA: number, errorB: number) {
  const square = a * a - errorA;
  // What was before may be nothing: then the ratio is bounded on one side at most.
  if (square <= 0) return { atLeast: -1, atMost: null };
  const root = Math.sqrt(Math.max(0, a * b * (a * b) - square * (b * b - errorB)));
  return {
    atLeast: Math.max(0, (a * b - root) / square) - 1,
    atMost: (a * b + root) / square - 1,
  };
}
