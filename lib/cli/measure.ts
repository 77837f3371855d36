/**
 * What all commands have in common that measure a whole trace.
 *
 * @module
 */

import { Command, Option } from "@commander-js/extra-typings";
import { plainText } from "../core/plain_text.ts";
import type { Snapshot } from "../core/snapshot.ts";
import { unlessTooLarge } from "../core/unless_too_large.ts";
import { type SnapshotSeries, untrackedProcessesOf } from "../core/untracked_process.ts";
import { EXPRESSION_HELP, FILTER_OPTIONS, toFilterEach } from "./filter_options.ts";
import { jsonLines, note, printPieces } from "./output.ts";
import { openForReading, readableSnapshots } from "./reading.ts";

/** A measure, and how its results are shown. */
export interface Measure<T> {
  /** One result for each process. The snapshots can be walked more than once. */
  readonly of: (snapshots: SnapshotSeries) => readonly T[];
  /** True if all processes together have a result of their own. */
  readonly hasTotal?: boolean | undefined;
  readonly text: (result: T) => string;
  readonly csv: (results: readonly T[]) => string;
}

/** The options that each of them has. */
export const MEASURE_OPTIONS = {
  expression: FILTER_OPTIONS.expression,
  json: new Option("--json", "print JSON, a line for each process, and one for all of them"),
  csv: new Option("--csv", "print CSV").conflicts("json"),
} as const;

/** Results that are shown as text at most. */
const SHOWN = 1000;

/** What they parse to. */
export interface MeasureOptions {
  readonly expression?: string | undefined;
  readonly json?: true | undefined;
  readonly csv?: true | undefined;
}

/** A command with what all of them take. */
export function measureBase(name: string, description: string) {
  return new Command(name)
    .description(description)
    .argument("<file>", "a trace")
    .addOption(MEASURE_OPTIONS.expression)
    .addOption(MEASURE_OPTIONS.json)
    .addOption(MEASURE_OPTIONS.csv)
    .addHelpText("after", EXPRESSION_HELP);
}

/** Builds a command that has no other options. What it needs is loaded when it runs. */
export function measureCommand<T>(
  name: string,
  description: string,
  load: () => Promise<Measure<T>>,
) {
  return measureBase(name, description)
    .action((file, options) => printMeasure(file, options, load));
}

/** Why there is no result. */
export function nothingMeasured({ expression }: MeasureOptions): string {
  return expression === undefined
    ? "no snapshot follows a clear, so there is no time window to measure"
    : "no mapping of any snapshot that was measured from a clear meets the conditions";
}

/** Measures a trace, and prints what comes out in the form that was asked for. */
export async function printMeasure<T>(
  file: string,
  options: MeasureOptions,
  load: () => Promise<Measure<T>>,
): Promise<void> {
  const { groupSnapshots } = await import("../core/group_snapshots.ts");
  const measure = await load();
  const trace = await openForReading(file);
  const filter = await toFilterEach(options);
  const { budgetOf } = await import("../files/memory_guard.ts");
  const budget = budgetOf(trace);
  const readable = await readableSnapshots(trace, undefined, false, (units) => budget.spend(units));
  const snapshots = new Watched(filter(readable));
  const results = measure.of(snapshots);
  const totals = () => {
    budget.assertAsMuchLeft();
    return measure.of(groupSnapshots(snapshots));
  };
  const found = measure.hasTotal && results.length > 1 ? unlessTooLarge(totals) : [];
  const total = typeof found === "string" ? [] : found;
  if (results.length === 0) note(`softdirty: ${nothingMeasured(options)}`);
  else if (options.csv) await printPieces(csvPieces([...results, ...total], measure.csv));
  else if (options.json) await printPieces(jsonLines([...results, ...total]));
  else await printPieces(textPieces([...total, ...results], measure.text));
  if (typeof found === "string") note(`softdirty: no result for all together: ${found}`);
  if (results.length > 0) { for (const line of snapshots.leftOutLines()) note(line); }
}

/** The CSV of all results, made one by one; the headings come once. */
export function* csvPieces<T>(
  results: readonly T[],
  csv: (results: readonly T[]) => string,
): Generator<string, void, void> {
  const headings = csv([]);
  yield headings;
  for (const result of results) yield csv([result]).slice(headings.length);
  yield "\n";
}

/** The text of all results, with an empty line behind each. */
export function* textPieces<T>(
  results: readonly T[],
  text: (result: T) => string,
): Generator<string, void, void> {
  for (const result of results.slice(0, SHOWN)) yield `${text(result)}\n\n`;
  if (results.length > SHOWN) {
    yield `these are the first ${SHOWN} of ${results.length}; --json and --csv list all of them\n`;
  }
}

/** Snapshots that are walked, and of which processes none was measured from a clear. */
class Watched implements SnapshotSeries {
  readonly #snapshots: SnapshotSeries;
  readonly #measured = new Set<number>();
  readonly #others = new Map<number, string>();

  constructor(snapshots: SnapshotSeries) {
    this.#snapshots = snapshots;
  }

  get untrackedProcesses() {
    return untrackedProcessesOf(this.#snapshots);
  }

  *[Symbol.iterator](): Generator<Snapshot, void, void> {
    for (const snapshot of this.#snapshots) {
      const { pid, command } = snapshot.process;
      if (snapshot.sinceClear === null) this.#others.set(pid, command);
      else this.#measured.add(pid);
      yield snapshot;
    }
  }

  /** A line, if there are any. */
  leftOutLines(): string[] {
    const left = [...this.#others].filter(([pid]) => !this.#measured.has(pid));
    if (left.length === 0) return [];
    const named = left.slice(0, 5).map(([pid, command]) => `${plainText(command)} (pid ${pid})`);
    const rest = left.length > named.length ? ` and ${left.length - named.length} more` : "";
    return [`skipped, no clear was recorded: ${named.join(", ")}${rest}`];
  }
}
