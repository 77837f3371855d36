/**
 * What a reader needs of a file, whatever its version.
 *
 * @module
 */

import type { PageUnion } from "../core/page_union.ts";
import type { ProcessIdentity } from "../core/process.ts";
import type { Snapshot } from "../core/snapshot.ts";
import type { TraceProblem } from "./byte_source.ts";
import type { EventColumns } from "./columns.ts";
import type { HeaderEvent, PlainEvent } from "./schema.ts";

/** One file of any version. Its methods throw RangeError where a record is not as it should be. */
export interface TraceStore {
  readonly header: HeaderEvent;
  /** Types, offsets, times and processes of all events. */
  readonly events: EventColumns;
  readonly problems: readonly TraceProblem[];
  /** True if the events were found by an index. */
  readonly isIndexed: boolean;
  /** What was decoded until now: records, runs of page sets, and mappings. */
  readonly work: number;
  /** The identity of a process by its number in `events`. */
  process(number: number): ProcessIdentity | undefined;
  /** An event that is no read. */
  plain(eventIndex: number): PlainEvent;
  /** A read; `index` is its number for the caller. */
  snapshot(eventIndex: number, index: number): Snapshot;
  /**
   * Makes a function that adds the dirty pages of a read to a union. It is the faster the more of the
   * reads between it is called for, in their order.
   */
  addingDirty(union: PageUnion): (eventIndex: number) => void;
}
