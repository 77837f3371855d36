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
import { processKey, windowOf, windowsOf } from "./windows.ts";

/** A mean of windows, before and after. */
export interface Change {
  /** Null if there is no such thing on that side. */
  readonly before: number | null;
  readonly after: number | null;
  /** What came on top, over what was before: 0.1 is 10 % more. Null if there was nothing. */
  readonly growth: number | null;
  /**
   * Between these the growth lies with a probability of 95 %, if windows are drawn independently: the
   * sides vary as the spread of their windows says, and their ratio as both together (the delta
   * method). Null if there was nothing, or a side has one window alone.
   */
  readonly atLeast: number | null;
  readonly atMost: number | null;
  /** True if what was before and what is after differ for more than a chance of 5 %. */
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

/** The processes of one command, of both traces. */
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

/** What windows have, those aside that have nothing. */
class Sample {
  readonly #weights: Weights;
  #sum = 0;
  #squares = 0;
  #products = 0;

  constructor(weights: Weights) {
    this.#weights = weights;
  }

  add(value: number, weight: number): void {
    this.#sum += value;
    this.#squares += value * value;
    this.#products += value * weight;
  }

  /** All that there is over all weights. */
  get mean(): number {
    return this.#sum / this.#weights.sum;
  }

  /** Of the mean, squared: that of a ratio of two sums (W. Cochran, "Sampling Techniques", chapter 6). */
  get errorSquared(): number {
    const { count, sum, squares } = this.#weights;
    if (count < 2) return NaN;
    const { mean } = this;
    const residual = this.#squares - 2 * mean * this.#products + mean * mean * squares;
    // What rounding leaves of equal values is no variance.
    if (residual <= 1e-12 * this.#squares) return 0;
    return residual / (count - 1) * count / (sum * sum);
  }
}

/** Samples of the windows of one command. */
class Side {
  readonly #processes = new Set<string>();
  readonly #trackers = new Set<TrackerKind>();
  readonly #times = new Weights();
  readonly #ones = new Weights();
  readonly rate = new Sample(this.#times);
  readonly memory = new Sample(this.#ones);
  readonly rates = new Map<string, Sample>();
  readonly memories = new Map<string, Sample>();
  isMemoryTold = true;

  add(snapshot: Snapshot): void {
    const seconds = windowOf(snapshot)!.longestNs / 1e9;
    const { pageSizeBytes, dirtyPopulated, populated, process, vmas } = snapshot;
    this.#processes.add(processKey(process));
    this.#trackers.add(snapshot.tracker);
    this.isMemoryTold &&= snapshot.knows("present");
    this.#times.add(seconds);
    this.#ones.add(1);
    this.rate.add(dirtyPopulated.pageCount * pageSizeBytes, seconds);
    this.memory.add(populated.pageCount * pageSizeBytes, 1);
    for (const [name, pages] of byName(vmas, dirtyPopulated)) {
      sampleOf(this.rates, name, this.#times).add(pages * pageSizeBytes, seconds);
    }
    for (const [name, pages] of byName(vmas, populated)) {
      sampleOf(this.memories, name, this.#ones).add(pages * pageSizeBytes, 1);
    }
  }

  get told(): ComparedSide {
    const { count: windowCount, sum } = this.#times;
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

/** What belongs to 95 % of a normal distribution. */
const Z = 1.96;

/** @param before of a side that is there, a sample, or none if it has nothing; else null */
function changeOf(before: Sample | undefined | null, after: Sample | undefined | null): Change {
  const [a, b] = [before, after].map((sample) => sample === null ? null : sample?.mean ?? 0);
  if (a === null || b === null) {
    return { before: a, after: b, growth: null, atLeast: null, atMost: null, isCertain: true };
  }
  const [errorA, errorB] = [before, after].map((sample) => sample?.errorSquared ?? 0);
  const isCertain = Math.abs(b - a) > Z * Math.sqrt(errorA + errorB);
  const ratio = b / a;
  const error = Z * Math.sqrt(errorB / a ** 2 + errorA * b ** 2 / a ** 4);
  const isRanged = a > 0 && !Number.isNaN(error);
  return {
    before: a,
    after: b,
    growth: a > 0 ? ratio - 1 : b === 0 ? 0 : null,
    atLeast: isRanged ? Math.max(0, ratio - error) - 1 : null,
    atMost: isRanged ? ratio + error - 1 : null,
    isCertain,
  };
}

function comparison(command: string, before?: Side, after?: Side): Comparison {
  const both = [before, after];
  const isTold = both.every((side) => side?.isMemoryTold ?? true);
  const change = (of: (side: Side) => Sample | undefined) => {
    const [a, b] = both.map((side) => side === undefined ? null : of(side));
    return changeOf(a, b);
  };
  const names = new Set(both.flatMap((side) => [
    ...side?.rates.keys() ?? [],
    ...isTold ? side?.memories.keys() ?? [] : [],
  ]));
  const mappings = Array.from(names, (name): MappingComparison => ({
    name,
    rate: change(({ rates }) => rates.get(name)),
    memory: isTold ? change(({ memories }) => memories.get(name)) : null,
  }));
  const difference = ({ rate }: MappingComparison) =>
    Math.abs((rate.after ?? 0) - (rate.before ?? 0));
  return {
    command,
    before: before?.told ?? null,
    after: after?.told ?? null,
    rate: change(({ rate }) => rate),
    memory: isTold ? change(({ memory }) => memory) : null,
    mappings: mappings.sort((a, b) => difference(b) - difference(a)),
  };
}
