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

import { SoftdirtyError } from "../core/errors.ts";
import { countedOnce } from "../core/counted_once.ts";
import {
  type Coverage,
  coverageOf,
  isConclusive,
  mergeProcesses,
  mergeWindows,
} from "../core/coverage.ts";
import type { Snapshot, TrackerKind } from "../core/snapshot.ts";
import {
  type SnapshotSeries,
  type UntrackedProcess,
  untrackedProcessesOf,
} from "../core/untracked_process.ts";
import { type Change, changeOf } from "./change.ts";
import { pagesByName } from "./pages_by_name.ts";
import { Sample, Weights } from "./sample.ts";
import { processKey, windowOf, windowsOf } from "./windows.ts";

/** The mappings of one name. */
export interface MappingComparison {
  /** The name of the mappings, as `/proc/PID/maps` prints it. */
  readonly name: string;
  /** Bytes a second that were dirtied. */
  readonly rate: Change;
  /** Bytes that exist; null if a tracker did not report it. */
  readonly memory: Change | null;
}

/** What there is on one side. */
export interface ComparedSide {
  /** Processes of the command that have windows. */
  readonly processCount: number;
  /** Windows of all of these processes. */
  readonly windowCount: number;
  /** Mean length of a window, from the beginning of its clear to the end of its read. */
  readonly meanWindowNs: number;
  /** What tracked: each kind reports other things besides writes. */
  readonly trackers: readonly TrackerKind[];
  /** What the snapshots of this side cannot show. */
  readonly coverage: Coverage;
}

/** The processes of one command, of both traces. Rate and memory are those of one, on average. */
export interface Comparison {
  /** The command name (`comm`) that both sides share. The process chose it, so it is hostile text. */
  readonly command: string;
  /** The first trace; null if it has no window of the command. */
  readonly before: ComparedSide | null;
  /** The second trace; null if it has no window of the command. */
  readonly after: ComparedSide | null;
  /** Bytes a second that one process dirtied. */
  readonly rate: Change;
  /** Bytes of one process that exist; null if a tracker does not report what exists. */
  readonly memory: Change | null;
  /** Where the rate differs most comes first. */
  readonly mappings: readonly MappingComparison[];
}

/** Commands that are compared at a time: each takes some kilobytes. */
const MOST_COMMANDS = 1 << 14;

function tooManyCommands(): SoftdirtyError {
  return new SoftdirtyError(
    "too-large",
    `More than ${MOST_COMMANDS} commands have windows, too many to compare each`,
    "Choose some of them, as with -e 'command == \"worker\"'",
  );
}

/** Compares all commands that are in either, in the order in which they come. */
export function compareTraces(
  before: SnapshotSeries,
  after: SnapshotSeries,
): Comparison[] {
  const [befores, afters] = [sides(countedOnce(before)), sides(countedOnce(after))];
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

/**
 * True if the traces do not show whether anything grew: memory or processes were untracked in one of
 * them.
 */
export function isInconclusive(comparisons: readonly Comparison[]): boolean {
  return comparisons.some(({ before, after }) =>
    before !== null && after !== null &&
    !(isConclusive(before.coverage) && isConclusive(after.coverage))
  );
}

/** Samples of the windows of one command. */
class Side {
  readonly #coverages = new Map<string, Coverage>();
  readonly #untrackedProcesses: readonly UntrackedProcess[];
  readonly #trackers = new Set<TrackerKind>();
  readonly times = new Weights();
  readonly ones = new Weights();
  readonly rate = new Sample(this.times);
  readonly memory = new Sample(this.ones);
  readonly rates = new Map<string, Sample>();
  readonly memories = new Map<string, Sample>();
  isMemoryRecorded = true;

  constructor(untrackedProcesses: readonly UntrackedProcess[]) {
    this.#untrackedProcesses = untrackedProcesses;
  }

  add(snapshot: Snapshot): void {
    const seconds = windowOf(snapshot)!.longestNs / 1e9;
    const { pageSizeBytes, dirtyPopulated, populated, process, vmas } = snapshot;
    const key = processKey(process);
    const [known, own] = [this.#coverages.get(key), coverageOf(snapshot)];
    this.#coverages.set(key, known === undefined ? own : mergeWindows(known, own));
    this.#trackers.add(snapshot.tracker);
    this.isMemoryRecorded &&= snapshot.knows("present");
    this.times.add(seconds);
    this.ones.add(1);
    this.rate.add(dirtyPopulated.pageCount * pageSizeBytes, seconds);
    this.memory.add(populated.pageCount * pageSizeBytes, 1);
    for (const [name, pages] of pagesByName(vmas, dirtyPopulated)) {
      sampleOf(this.rates, name, this.times).add(pages * pageSizeBytes, seconds);
    }
    for (const [name, pages] of pagesByName(vmas, populated)) {
      sampleOf(this.memories, name, this.ones).add(pages * pageSizeBytes, 1);
    }
  }

  get side(): ComparedSide {
    const { count: windowCount, sum } = this.times;
    const meanWindowNs = sum / windowCount * 1e9;
    const trackers = [...this.#trackers];
    const coverage = {
      ...mergeProcesses([...this.#coverages.values()]),
      untrackedProcesses: this.#untrackedProcesses,
    };
    const processCount = this.#coverages.size;
    return { processCount, windowCount, meanWindowNs, trackers, coverage };
  }
}

function sampleOf(samples: Map<string, Sample>, name: string, weights: Weights): Sample {
  const known = samples.get(name) ?? new Sample(weights);
  samples.set(name, known);
  return known;
}

function sides(snapshots: SnapshotSeries): Map<string, Side> {
  const untrackedProcesses = untrackedProcessesOf(snapshots);
  const all = new Map<string, Side>();
  for (const { snapshot } of windowsOf(snapshots)) {
    const { command } = snapshot.process;
    if (all.size >= MOST_COMMANDS && !all.has(command)) throw tooManyCommands();
    const side = all.get(command) ?? new Side(untrackedProcesses);
    all.set(command, side);
    side.add(snapshot);
  }
  return all;
}

function comparison(command: string, before?: Side, after?: Side): Comparison {
  const both = [before, after];
  const isRecorded = both.every((side) => side?.isMemoryRecorded ?? true);
  const change = (of: (side: Side) => Sample | undefined, weights: (side: Side) => Weights) => {
    const [a, b] = both.map((side) =>
      side === undefined ? null : (of(side) ?? new Sample(weights(side))).estimate
    );
    return changeOf(a, b);
  };
  const names = new Set(both.flatMap((side) => [
    ...side?.rates.keys() ?? [],
    ...isRecorded ? side?.memories.keys() ?? [] : [],
  ]));
  const mappings = Array.from(names, (name): MappingComparison => ({
    name,
    rate: change(({ rates }) => rates.get(name), ({ times }) => times),
    memory: isRecorded ? change(({ memories }) => memories.get(name), ({ ones }) => ones) : null,
  }));
  const difference = ({ rate }: MappingComparison) =>
    Math.abs((rate.after ?? 0) - (rate.before ?? 0));
  return {
    command,
    before: before?.side ?? null,
    after: after?.side ?? null,
    rate: change(({ rate }) => rate, ({ times }) => times),
    memory: isRecorded ? change(({ memory }) => memory, ({ ones }) => ones) : null,
    mappings: mappings.sort((a, b) => difference(b) - difference(a)),
  };
}
