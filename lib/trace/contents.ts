/**
 * What a file holds, and where: from its index, or found by scanning.
 *
 * @module
 */

import type { ProcessIdentity } from "../core/process.ts";
import type { TraceProblem } from "./byte_source.ts";
import { EventColumns } from "./columns.ts";
import { LimitError, MAX_LISTS, MAX_PROCESSES } from "./limits.ts";

/** The contents of one file. */
export interface TraceContents {
  readonly events: EventColumns;
  /** By their number. */
  readonly processes: Map<number, ProcessIdentity>;
  /** The offset of each list of mappings, by its number. */
  readonly mappings: Map<number, number>;
  /** What could not be read. */
  readonly problems: TraceProblem[];
}

/** Nothing yet. */
export function noContents(): TraceContents {
  return { events: new EventColumns(), processes: new Map(), mappings: new Map(), problems: [] };
}

/** @throws LimitError if there are too many. */
export function addProcess(
  { processes }: TraceContents,
  number: number,
  identity: ProcessIdentity,
): void {
  if (processes.size >= MAX_PROCESSES) {
    throw new LimitError(`there are more than ${MAX_PROCESSES} processes`);
  }
  processes.set(number, identity);
}

/** @throws LimitError if there are too many. */
export function addList({ mappings }: TraceContents, number: number, offset: number): void {
  if (mappings.size >= MAX_LISTS) {
    throw new LimitError(`there are more than ${MAX_LISTS} lists of mappings`);
  }
  mappings.set(number, offset);
}
