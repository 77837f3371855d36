/**
 * Gives a file its index, which a writer that was interrupted did not write.
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
   * `missing` if the index must be written; files of version 1 have no index and need none. A file of a
   * rotated recording can lack a header: its recorder was killed when it began the file.
   */
  readonly index: "missing" | "present" | "none in version 1" | "no header";
  /** Events that can be found: clears, reads, marks and what happened to processes. */
  readonly eventCount: number;
  /** Damaged bytes in the middle, which stay where they are. */
  readonly problems: readonly TraceProblem[];
  /** Bytes at the end that are not a record, and are left out. */
  readonly leftOut: readonly TraceProblem[];
}

/** How a file gets its index. */
export interface RepairPlan extends RepairFindings {
  readonly index: "missing";
  /** Number of bytes of the file that stay. */
  readonly keptBytes: number;
  /** What follows them: the index, and the end of the file. */
  readonly tail: Uint8Array;
}

/**
 * Looks at a whole file.
 *
 * The index lists only intact records. All bytes up to the last of them stay, so that offsets stay as
 * they are and no bytes are lost that could still be decoded in another way; the index also lists which
 * of them are damaged. After them comes the beginning of a record, or of an index that was not finished:
 * a program that iterates over the file would read it as the head of what is appended.
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
