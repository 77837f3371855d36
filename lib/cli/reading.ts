/**
 * Reads traces for commands. What of them cannot be read is passed over while a command runs, and reported
 * at its end, by `program.ts`: on standard error and in the exit code. All commands read traces here, so
 * that none of them keeps damage to itself.
 *
 * @module
 */

import type { SoftdirtyError } from "../core/errors.ts";
import { plainJson } from "../core/plain_text.ts";
import type { SnapshotSeries } from "../core/untracked_process.ts";
import type { TraceReader } from "../trace/reader.ts";
import type { Spending } from "../trace/work_budget.ts";
import { errorText, note } from "./output.ts";

/** So many reports are printed; the rest is counted. */
const MOST_REPORTS = 100;

/** Something that could not be read: its message, and the fields for programs. */
interface Report {
  readonly message: string;
  readonly json: string;
}

/** What the command of this process could not read, by message. */
const reports = new Map<string, Report>();
let unlistedCount = 0;
/** The traces that are open, and whether the command prints their problems itself. */
const open = new Map<TraceReader, boolean>();
let isIncomplete = false;

/**
 * Opens a trace, which is closed at the end of the command at the latest.
 *
 * @param isPrinted the command prints itself which places cannot be read: the exit code alone reports them
 * @throws TraceError if it cannot be read at all.
 */
export async function openForReading(file: string, isPrinted = false): Promise<TraceReader> {
  const { openTrace } = await import("../files/open_trace.ts");
  const trace = openTrace(file);
  open.set(trace, isPrinted);
  return trace;
}

/**
 * The snapshots of a trace that can be read; they can be walked more than once.
 *
 * @param onDamaged is handed each that cannot, besides
 * @param areRows a row is written of each dirty run and of each mapping
 * @param given the budget of all walks together; by default that of a command
 */
export async function readableSnapshots(
  trace: TraceReader,
  onDamaged: (error: SoftdirtyError) => void = () => {},
  areRows = false,
  given?: Spending,
): Promise<SnapshotSeries> {
  const { snapshotsOf } = await import("../trace/readable.ts");
  const { boundsOf } = await import("../files/memory_guard.ts");
  const note = (error: SoftdirtyError) => {
    passOver(error);
    onDamaged(error);
  };
  const bounds = given ?? boundsOf(trace);
  const snapshots = snapshotsOf(trace, note, bounds);
  if (!areRows) return snapshots;
  const { workOfRows } = await import("../files/memory_guard.ts");
  return workOfRows(snapshots, bounds);
}

/** Notes a record, or a trace, that cannot be read; once, however often it is met. */
export function passOver(error: SoftdirtyError): void {
  add({ message: errorText(error, false), json: errorText(error, true) });
}

/** Closes a trace before the command ends: of many, one is open at a time. */
export async function closeRead(trace: TraceReader): Promise<void> {
  await noteProblems(trace, open.get(trace) ?? false);
  open.delete(trace);
  trace.close();
}

/** Notes the places of a trace that cannot be read. */
export async function noteProblems(trace: TraceReader, isPrinted = false): Promise<void> {
  if (trace.problems.length === 0) return;
  isIncomplete = true;
  if (isPrinted) return;
  const { problemText } = await import("../report/event_text.ts");
  for (const problem of trace.problems) {
    const { offset, lengthBytes, reason, file = trace.files[0] } = problem;
    const message = problemText({ ...problem, file });
    const error = { code: "damaged", message, file, offset, lengthBytes, reason };
    add({ message: `softdirty: ${message}`, json: plainJson({ error }) });
  }
}

/**
 * Reports what the command could not read and was not reported yet, and closes its traces.
 *
 * @returns true if there was anything, reported now or before
 */
export async function reportUnread(isJson: boolean): Promise<boolean> {
  for (const trace of [...open.keys()]) await closeRead(trace);
  for (const { message, json } of reports.values()) note(isJson ? json : message);
  if (unlistedCount > 0) {
    const message = `${unlistedCount} more places cannot be read`;
    note(isJson ? plainJson({ error: { code: "damaged", message } }) : `softdirty: ${message}`);
  }
  reports.clear();
  unlistedCount = 0;
  return isIncomplete;
}

function add(report: Report): void {
  isIncomplete = true;
  const key = report.json;
  if (reports.has(key)) return;
  if (reports.size < MOST_REPORTS) reports.set(key, report);
  else unlistedCount++;
}
