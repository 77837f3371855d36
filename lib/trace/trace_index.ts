/**
 * What a trace has of each kind, and where: all that is kept of a file in memory.
 *
 * @module
 */

import {
  type ByteSource,
  indexRecords,
  type RecordPosition,
  type TraceProblem,
} from "./index_records.ts";

/** A file may have millions of bad records; so many are listed. */
const MAX_PROBLEMS = 100;

/** Positions of records, each list in the order of the file. */
export interface TraceIndex {
  /** Undefined if the file does not begin with one. */
  readonly header: RecordPosition | undefined;
  /** Clears, reads, marks and exits. */
  readonly events: readonly RecordPosition[];
  /** Which of the events are reads. */
  readonly reads: readonly number[];
  readonly clears: readonly RecordPosition[];
  readonly mappings: readonly RecordPosition[];
  /** What could not be read. */
  readonly problems: readonly TraceProblem[];
}

/** Walks over all records once, decoding none. */
export function indexTrace(source: ByteSource): TraceIndex {
  const problems: TraceProblem[] = [];
  const events: RecordPosition[] = [];
  const reads: number[] = [];
  const clears: RecordPosition[] = [];
  const mappings: RecordPosition[] = [];
  let header: RecordPosition | undefined;
  for (const position of indexRecords(source, (problem) => addProblem(problems, problem))) {
    if (header === undefined) {
      if (position.type !== "header") break;
      header = position;
    } else if (position.type === "header") {
      const { offset, lengthBytes } = position;
      addProblem(problems, { offset, lengthBytes, reason: "a second header" });
    } else if (position.type === "mappings") mappings.push(position);
    else {
      if (position.type === "clear") clears.push(position);
      if (position.type === "read") reads.push(events.length);
      events.push(position);
    }
  }
  return { header, events, reads, clears, mappings, problems };
}

/** The number, among the reads, of an event that is one. */
export function readNumber({ reads }: TraceIndex, eventIndex: number): number {
  let low = 0;
  let high = reads.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (reads[middle] < eventIndex) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Puts what is too much to list into the last problem. */
function addProblem(problems: TraceProblem[], problem: TraceProblem): void {
  if (problems.length < MAX_PROBLEMS) problems.push(problem);
  else {
    const { offset } = problems[MAX_PROBLEMS - 1];
    const lengthBytes = problem.offset + problem.lengthBytes - offset;
    const reason = "here and there: too much to list";
    problems[MAX_PROBLEMS - 1] = { offset, lengthBytes, reason };
  }
}
