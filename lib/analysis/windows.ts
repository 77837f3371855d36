/**
 * The times in which what a snapshot shows was written.
 *
 * @module
 */

import { SoftdirtyError } from "../core/errors.ts";
import { type Coverage, coverageOf, mergeWindows } from "../core/coverage.ts";
import { isSameProcess, type ProcessIdentity } from "../core/process.ts";
import type { Snapshot } from "../core/snapshot.ts";
import { type SnapshotSeries, untrackedProcessesOf } from "../core/untracked_process.ts";

/**
 * How long a snapshot's window is. Neither a clear nor a read is one instant: a page may have been
 * cleared at the beginning of the clear and read at the end of the read, or the other way round.
 */
export interface WindowLength {
  /** From the end of the clear to the beginning of the read. */
  readonly shortestNs: number;
  /** From the beginning of the clear to the end of the read. */
  readonly longestNs: number;
}

/** The window of a snapshot; undefined if the time of its clear is unknown. */
export function windowOf({ sinceClear, atNs, durationNs }: Snapshot): WindowLength | undefined {
  if (sinceClear === null) return undefined;
  const longestNs = atNs + durationNs - sinceClear.atNs;
  const shortestNs = Math.max(0, atNs - sinceClear.atNs - sinceClear.durationNs);
  return longestNs > 0 ? { shortestNs, longestNs } : undefined;
}

/** The last snapshot after a clear, and which program it is of. */
export interface Window {
  readonly snapshot: Snapshot;
  /** The same text for the same program of the same process: an exec begins another one. */
  readonly program: string;
}

/** What is known of a process while its snapshots are walked. */
interface Walked {
  process: ProcessIdentity;
  /** How many programs it executed before. */
  programs: number;
  /** The text that stands for its program. */
  program: string;
  /** True if this program was seen with a clear before it. */
  isCleared: boolean;
  /** The last snapshot after the last clear, until there is a later one. */
  held: Snapshot | undefined;
}

/**
 * The last snapshot after each clear, process by process: one that was read earlier shows a part of the
 * same. Snapshots without a window are left out. Holds one snapshot for each process.
 *
 * A process has executed another program if it has another command, or if a snapshot has no clear
 * before it although an earlier one had: an exec takes the memory away that was cleared.
 */
export function* windowsOf(snapshots: Iterable<Snapshot>): Generator<Window, void, void> {
  const walked = new Map<number, Walked>();
  for (const snapshot of snapshots) {
    const { process, sinceClear } = snapshot;
    const { pid } = process;
    const before = walked.get(pid);
    const isSame = before !== undefined && isSameProcess(before.process, process);
    const isOther = isSame && isOtherProgram(before, snapshot);
    const isOfSameClear = isSame && !isOther && before.held?.sinceClear?.atNs === sinceClear?.atNs;
    if (before?.held !== undefined && !isOfSameClear) {
      yield { snapshot: before.held, program: before.program };
    }
    const isCleared = sinceClear !== null;
    const held = windowOf(snapshot) === undefined ? undefined : snapshot;
    if (isSame && !isOther) {
      // Mostly it is; the same object and the same text serve all windows then.
      [before.process, before.isCleared, before.held] = [process, isCleared, held];
      continue;
    }
    const programs = isSame ? before.programs + 1 : 0;
    const program = `${processKey(process)} ${programs}`;
    walked.set(pid, { process, programs, program, isCleared, held });
  }
  for (const { held, program } of walked.values()) {
    if (held !== undefined) yield { snapshot: held, program };
  }
}

/** True if a process has executed another program since, as far as its snapshots show. */
export function isOtherProgram(
  before: Pick<Walked, "process" | "isCleared">,
  next: Snapshot,
): boolean {
  const isRenamed = before.process.command !== next.process.command;
  return isRenamed || before.isCleared && next.sinceClear === null;
}

/** The same text for the same process, which may change its command. */
export function processKey({ pid, startTimeTicks }: ProcessIdentity): string {
  return `${pid} ${startTimeTicks}`;
}

/** What sums up the windows of one program. */
export interface Meter {
  add(snapshot: Snapshot): void;
}

/** A meter that makes a result in the end. */
export interface ResultMeter<R> extends Meter {
  result(): R;
}

/** Every result says what it cannot show. */
export interface Covered {
  /** What the snapshots behind this result cannot show. */
  readonly coverage: Coverage;
}

/** A meter, and what the windows that it was handed cannot show. */
interface Metered<T> extends Covered {
  readonly meter: T;
}

/**
 * Has the last snapshot after each clear summed up, program by program. A program of which no snapshot
 * has a mapping, since all were filtered out, is left out.
 *
 * @param create is handed the first of them, and the text that stands for the program; it makes no meter
 * for a program that an earlier walk left out
 * @returns a meter for each program, in the order in which their first windows end
 */
export function meterEach<T extends Meter>(
  snapshots: SnapshotSeries,
  create: (first: Snapshot, program: string) => T | undefined,
): T[] {
  return [...metered(snapshots, create)].map(({ meter }) => meter);
}

/** The results of such meters, each with its coverage. */
export function measureEach<R>(
  snapshots: SnapshotSeries,
  create: (first: Snapshot, program: string) => ResultMeter<R> | undefined,
): (R & Covered)[] {
  const results: (R & Covered)[] = [];
  for (const { meter, coverage } of metered(snapshots, create)) {
    results.push({ ...meter.result(), coverage });
  }
  return results;
}

/** Programs that are measured at a time: each takes some kilobytes, and so does its result. */
export const MOST_PROGRAMS = 1 << 15;

/** Refuses to measure more than {@linkcode MOST_PROGRAMS} at a time. */
export function tooManyPrograms(): SoftdirtyError {
  return new SoftdirtyError(
    "too-large",
    `More than ${MOST_PROGRAMS} programs have windows, too many to measure each`,
    "Choose some of them, as with -e 'pid == 1234' or -e 'command == \"worker\"'",
  );
}

/** What is known of a program while its windows are walked. */
interface Gathered<T> {
  readonly meter: T;
  /** Of its process, as left-out snapshots are counted by. */
  readonly key: string;
  /** All processes that it stands for; several of a group. */
  readonly processes: Processes;
  coverage: Coverage;
  /** True if any of its snapshots has a mapping. */
  isMeant: boolean;
}

/** Processes, each as it was last; mostly there is one. */
class Processes {
  #only: ProcessIdentity | undefined;
  #several: Map<string, ProcessIdentity> | undefined;

  add(process: ProcessIdentity): void {
    if (this.#several === undefined) {
      if (this.#only === undefined || isSameProcess(this.#only, process)) {
        this.#only = process;
        return;
      }
      this.#several = new Map([[processKey(this.#only), this.#only]]);
    }
    this.#several.set(processKey(process), process);
  }

  get identities(): ProcessIdentity[] {
    return this.#several !== undefined
      ? [...this.#several.values()]
      : this.#only === undefined
      ? []
      : [this.#only];
  }
}

function* metered<T extends Meter>(
  snapshots: SnapshotSeries,
  create: (first: Snapshot, program: string) => T | undefined,
): Generator<Metered<T>, void, void> {
  const meters = new Map<string, Gathered<T>>();
  const leftOut = new Map<string, number>();
  for (const { snapshot, program } of windowsOf(countingLeftOut(snapshots, leftOut))) {
    let gathered = meters.get(program);
    if (gathered !== undefined) {
      gathered.coverage = mergeWindows(gathered.coverage, coverageOf(snapshot));
    } else {
      const meter = create(snapshot, program);
      if (meter === undefined) continue;
      if (meters.size >= MOST_PROGRAMS) throw tooManyPrograms();
      const [key, coverage] = [processKey(snapshot.process), coverageOf(snapshot)];
      gathered = { meter, key, coverage, processes: new Processes(), isMeant: false };
      meters.set(program, gathered);
    }
    for (const process of snapshot.members ?? [snapshot.process]) gathered.processes.add(process);
    gathered.meter.add(snapshot);
    gathered.isMeant ||= snapshot.vmas.length > 0;
  }
  const untrackedProcesses = untrackedProcessesOf(snapshots);
  for (const [program, { meter, key, coverage, processes, isMeant }] of meters) {
    // Of a hundred thousand processes there is not room for the meters and the results of all.
    meters.delete(program);
    if (!isMeant) continue;
    const rest = { processes: processes.identities, untrackedProcesses };
    yield {
      meter,
      coverage: { ...coverage, ...rest, leftOutSnapshotCount: leftOut.get(key) ?? 0 },
    };
  }
}

/** Counts the snapshots of each process that have no window. */
function* countingLeftOut(
  snapshots: Iterable<Snapshot>,
  counts: Map<string, number>,
): Generator<Snapshot, void, void> {
  for (const snapshot of snapshots) {
    if (windowOf(snapshot) === undefined) {
      const key = processKey(snapshot.process);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    yield snapshot;
  }
}
