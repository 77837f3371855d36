/**
 * What a file needs to have an index: a writer that was cut off did not come to writing it.
 *
 * @module
 */

import type { ByteSource, TraceProblem } from "./byte_source.ts";
import { encodeIndex } from "./index_codec.ts";
import { openBeginning, openStore } from "./open_store.ts";
import { readIndex } from "./read_index.ts";
import { scanTrace } from "./scan.ts";

/** What was found in a file. */
export interface RepairFindings {
  /**
   * `missing` if the index is to be written; files of version 1 have none and need none. A file of a
   * rotated recording may have no header: its recorder was killed when it began it.
   */
  readonly index: "missing" | "present" | "none in version 1" | "no header";
  /** Events that can be found: clears, reads, marks and what happened to processes. */
  readonly eventCount: number;
  /** Damaged bytes in the middle, which stay where they are. */
  readonly problems: readonly TraceProblem[];
  /** Bytes at the end that are no record, and left out. */
  readonly leftOut: readonly TraceProblem[];
}

/** How a file gets its index. */
export interface RepairPlan extends RepairFindings {
  readonly index: "missing";
  /** So many bytes of the file stay. */
  readonly keptBytes: number;
  /** What follows them: the index, and the end of the file. */
  readonly tail: Uint8Array;
}

/**
 * Looks at a whole file.
 *
 * The index tells of intact records alone. All bytes up to the last of them stay, so that offsets stay
 * as they are and nothing is thrown away that somebody could yet make sense of; the index also tells
 * which of them are damaged. What follows is the beginning of a record, or what was to be the index: a
 * program that iterates over the file would take it for the head of what is appended.
 *
 * @throws TraceError if it is not a trace.
 */
export function planRepair(source: ByteSource, name: string): RepairPlan | RepairFindings {
  const beginning = openBeginning(source, name);
  if (beginning === undefined) {
    const { events, problems } = openStore(source, name);
    return { index: "none in version 1", eventCount: events.length, problems, leftOut: [] };
  }
  const present = readIndex(source);
  if (present !== undefined) {
    const problems = [...beginning.problems, ...present.problems];
    return { index: "present", eventCount: present.events.length, problems, leftOut: [] };
  }
  const { end, problems: all, ...contents } = scanTrace(source, beginning.bodyOffset);
  const problems = all.filter(({ offset }) => offset < end);
  return {
    index: "missing",
    eventCount: contents.events.length,
    problems: [...beginning.problems, ...problems],
    leftOut: all.filter(({ offset }) => offset >= end),
    keptBytes: end,
    tail: encodeIndex({ ...contents, problems }, end),
  };
}
