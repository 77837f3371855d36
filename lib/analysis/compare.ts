/**
 * Two traces of the same program: what does one write to more, or less, than the other?
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { openTrace } from "../session/sd.ts";
 * import { compareTraces } from "./compare.ts";
 *
 * const { snapshots } = openTrace("recordings/traces/redis.sdtrace");
 * const [redis] = compareTraces(snapshots, snapshots);
 * assert.equal(redis.rate.growth, 0);
 * assert.equal(redis.rate.isCertain, false);
 * ```
 *
 * @module
 */

import type { PageSet } from "../core/page_set.ts";
import type { Snapshot, TrackerKind } from "../core/snapshot.ts";
import type { Vma } from "../core/vma.ts";
import { student95 } from "./student.ts";
import { processKey, windowOf, windowsOf } from "./windows.ts";

/** A mean of windows, before and after. */
export interface Change {
  /** Null if there is no such thing on that side. */
  readonly before: number | null;
  readonly after: number | null;
  /** What came on top, over what was before: 0.1 is 10 % more. Null if there was nothing. */
  readonly growth: number | null;
  /**
   * Between these the growth lies with a probability of 95 %, if windows are drawn independently
   * (Fieller's interval, with Student's t). Null if there was nothing, a side has one window alone, or
   * what was before varies so much that the growth is not bounded.
   */
  readonly atLeast: number | null;
  readonly atMost: number | null;
  /** True if what was before and what is after differ by more than chance makes in 5 % of cases. */
  readonly isCertain: boolean;
}

/** The mappings of one name. */
export interface MappingComparison {
  readonly name: string;
  /** Bytes a second that were dirtied. */
  readonly rate: Change;
  /** Bytes that exist; null if a tracker did not tell. */
  readonly memory: Change | null;
}

/** What there is on one side. */
export interface ComparedSide {
  readonly processCount: number;
  readonly windowCount: number;
  readonly meanWindowNs: number;
  /** What tracked: each kind reports other things besides writes. */
  readonly trackers: readonly TrackerKind[];
}

/** The processes of one command, of both traces. Rate and memory are those of one, on average. */
export interface Comparison {
  readonly command: string;
  readonly before: ComparedSide | null;
  readonly after: ComparedSide | null;
  readonly rate: Change;
  readonly memory: Change | null;
  /** Where the rate differs most comes first. */
  readonly mappings: readonly MappingComparison[];
}

/** Compares all commands that are in either, in the order in which they come. */
export function compareTraces(
  before: Iterable<Snapshot>,
  after: Iterable<Snapshot>,
): Comparison[] {
  const [befores, afters] = [sides(before), sides(after)];
  const commands = new Set([...befores.keys(), ...afters.keys()]);
  return Array.from(
    commands,
    (command) => comparison(command, befores.get(command), afters.get(command)),
  );
}

/** True if the rate or the memory of any command grew by more, for more than a chance of 5 %. */
export function isGrownBy(comparisons: readonly Comparison[], limit: number): boolean {
  const isOver = (change: Change | null) =>
    change !== null && change.isCertain &&
    (change.growth === null ? change.after! > 0 : change.growth > limit);
  return comparisons.some(({ before, after, rate, memory }) =>
    before !== null && after !== null && (isOver(rate) || isOver(memory))
  );
}

/** True if that cannot be ruled out. */
export function mayBeGrownBy(comparisons: readonly Comparison[], limit: number): boolean {
  return comparisons.some(({ before, after, rate }) =>
    before !== null && after !== null && (rate.atMost ?? Infinity) > limit &&
    (rate.before !== 0 || rate.after !== 0)
  );
}

/** How heavy windows are, all together: as long as they are, or one each. */
class Weights {
  count = 0;
  sum = 0;
  squares = 0;

  add(weight: number): void {
    this.count++;
    this.sum += weight;
    this.squares += weight * weight;
  }
}

/** What windows have; those that have nothing need not be added. */
class Sample {
  readonly #weights: Weights;
  /** A first guess of the ratio: sums of what differs from it lose nothing to rounding. */
  #guess: number | undefined;
  #count = 0;
  #difference = 0;
  #squares = 0;
  #products = 0;
  #weight = 0;
  #weightSquares = 0;

  constructor(weights: Weights) {
    this.#weights = weights;
  }

  add(value: number, weight: number): void {
    this.#guess ??= value / weight;
    const difference = value - this.#guess * weight;
    this.#count++;
    this.#difference += difference;
    this.#squares += difference * difference;
    this.#products += difference * weight;
    this.#weight += weight;
    this.#weightSquares += weight * weight;
  }

  /** The mean, and its standard error, squared; of one window alone that is not known. */
  get estimate(): Estimate {
    const { count, sum, squares } = this.#weights;
    const guess = this.#guess ?? 0;
    // Of windows that were not added the value is 0.
    const [weight, weightSquares] = [sum - this.#weight, squares - this.#weightSquares];
    const difference = this.#difference - guess * weight;
    const mean = guess + difference / sum;
    const correction = difference / sum;
    const residual = this.#squares + guess * guess * weightSquares -
      2 * correction * (this.#products - guess * weightSquares) + correction * correction * squares;
    // What rounding leaves of equal values is no variance.
    const isNone = residual <= 1e-26 * guess * guess * squares;
    return {
      mean: this.#count === 0 ? 0 : mean,
      errorSquared: count < 2 ? NaN : isNone ? 0 : residual / (count - 1) * count / (sum * sum),
      degrees: count - 1,
    };
  }
}

/**
 * A ratio of two sums: all that there is, over all weights (W. Cochran, "Sampling Techniques",
 * chapter 6).
 */
interface Estimate {
  readonly mean: number;
  readonly errorSquared: number;
  readonly degrees: number;
}

/** Samples of the windows of one command. */
class Side {
  readonly #processes = new Set<string>();
  readonly #trackers = new Set<TrackerKind>();
  readonly times = new Weights();
  readonly ones = new Weights();
  readonly rate = new Sample(this.times);
  readonly memory = new Sample(this.ones);
  readonly rates = new Map<string, Sample>();
  readonly memories = new Map<string, Sample>();
  isMemoryTold = true;

  add(snapshot: Snapshot): void {
    const seconds = windowOf(snapshot)!.longestNs / 1e9;
    const { pageSizeBytes, dirtyPopulated, populated, process, vmas } = snapshot;
    this.#processes.add(processKey(process));
    this.#trackers.add(snapshot.tracker);
    this.isMemoryTold &&= snapshot.knows("present");
    this.times.add(seconds);
    this.ones.add(1);
    this.rate.add(dirtyPopulated.pageCount * pageSizeBytes, seconds);
    this.memory.add(populated.pageCount * pageSizeBytes, 1);
    for (const [name, pages] of byName(vmas, dirtyPopulated)) {
      sampleOf(this.rates, name, this.times).add(pages * pageSizeBytes, seconds);
    }
    for (const [name, pages] of byName(vmas, populated)) {
      sampleOf(this.memories, name, this.ones).add(pages * pageSizeBytes, 1);
    }
  }

  get told(): ComparedSide {
    const { count: windowCount, sum } = this.times;
    const meanWindowNs = sum / windowCount * 1e9;
    const trackers = [...this.#trackers];
    return { processCount: this.#processes.size, windowCount, meanWindowNs, trackers };
  }
}

function byName(vmas: readonly Vma[], pages: PageSet): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { name, start, end } of vmas) {
    const count = pages.countIn(start, end);
    if (count > 0) counts.set(name, (counts.get(name) ?? 0) + count);
  }
  return counts;
}

function sampleOf(samples: Map<string, Sample>, name: string, weights: Weights): Sample {
  const known = samples.get(name) ?? new Sample(weights);
  samples.set(name, known);
  return known;
}

function sides(snapshots: Iterable<Snapshot>): Map<string, Side> {
  const all = new Map<string, Side>();
  for (const { snapshot } of windowsOf(snapshots)) {
    const { command } = snapshot.process;
    const side = all.get(command) ?? new Side();
    all.set(command, side);
    side.add(snapshot);
  }
  return all;
}

/** What changed. */
function changeOf(before: Estimate | null, after: Estimate | null): Change {
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
    isCertain: isKnown && (b - a) ** 2 > errorA + errorB,
  };
}

/** B. L. Welch's: how many windows as good as independent the difference of both stands on. */
function degreesOf(before: Estimate, after: Estimate): number {
  const [a, b] = [before.errorSquared, after.errorSquared];
  if (a + b === 0) return Infinity;
  return (a + b) ** 2 / (a * a / before.degrees + b * b / after.degrees);
}

/**
 * The ratios `r` for which `b - r a` may be 0 by chance: E. C. Fieller's interval, which holds 0 growth
 * just if the difference is not certain.
 */
function growthRange(a: number, b: number, errorA: number, errorB: number) {
  const square = a * a - errorA;
  // What was before may be nothing: then the ratio is bounded on one side at most.
  if (square <= 0) return { atLeast: -1, atMost: null };
  const root = Math.sqrt(Math.max(0, (a * b) ** 2 - square * (b * b - errorB)));
  return {
    atLeast: Math.max(0, (a * b - root) / square) - 1,
    atMost: (a * b + root) / square - 1,
  };
}

function comparison(command: string, before?: Side, after?: Side): Comparison {
  const both = [before, after];
  const isTold = both.every((side) => side?.isMemoryTold ?? true);
  const change = (of: (side: Side) => Sample | undefined, weights: (side: Side) => Weights) => {
    const [a, b] = both.map((side) =>
      side === undefined ? null : (of(side) ?? new Sample(weights(side))).estimate
    );
    return changeOf(a, b);
  };
  const names = new Set(both.flatMap((side) => [
    ...side?.rates.keys() ?? [],
    ...isTold ? side?.memories.keys() ?? [] : [],
  ]));
  const mappings = Array.from(names, (name): MappingComparison => ({
    name,
    rate: change(({ rates }) => rates.get(name), ({ times }) => times),
    memory: isTold ? change(({ memories }) => memories.get(name), ({ ones }) => ones) : null,
  }));
  const difference = ({ rate }: MappingComparison) =>
    Math.abs((rate.after ?? 0) - (rate.before ?? 0));
  return {
    command,
    before: before?.told ?? null,
    after: after?.told ?? null,
    rate: change(({ rate }) => rate, ({ times }) => times),
    memory: isTold ? change(({ memory }) => memory, ({ ones }) => ones) : null,
    mappings: mappings.sort((a, b) => difference(b) - difference(a)),
  };
}
