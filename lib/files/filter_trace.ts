/**
 * Makes a trace of what a filter keeps of another one.
 *
 * @module
 */

import { basename } from "node:path";
import type { TraceError } from "../core/errors.ts";
import { wellFormed } from "../core/plain_text.ts";
import { Snapshot } from "../core/snapshot.ts";
import type { TraceReader } from "../trace/reader.ts";
import { boundsOf } from "./memory_guard.ts";
import { writeNewTrace } from "./new_trace.ts";

/** How much was kept. */
export interface FilteredTrace {
  /** Snapshots in the new trace. */
  readonly snapshotCount: number;
  /** Snapshots in the trace that was filtered. */
  readonly ofCount: number;
}

/** How {@linkcode filterTrace} writes. */
export interface FilterTraceOptions {
  /** The filter in words, for the mark at the beginning; `a function` by default. */
  readonly filter?: string | undefined;
  /** Is handed each damaged record, which is then passed over; by default it is thrown. */
  readonly onDamaged?: ((error: TraceError) => void) | undefined;
  /** Replace a file that is there, once the new one is whole. */
  readonly force?: boolean | undefined;
}

/**
 * Writes a new trace with all events of another, its snapshots filtered; snapshots without mappings are
 * left out. A mark at the beginning names the trace and the filter.
 *
 * @param output the new file, or `-` for standard output
 * @param keep the part of a snapshot to write; undefined or a snapshot without mappings to leave it out
 * @throws TraceError if the file exists or cannot be written; then there is none
 */
export function filterTrace(
  trace: TraceReader,
  output: string,
  keep: (snapshot: Snapshot) => Snapshot | undefined,
  { filter = "a function", onDamaged, force = false }: FilterTraceOptions = {},
): FilteredTrace {
  return writeNewTrace(output, trace.header, (writer) => {
    const text = wellFormed(`filtered from ${basename(trace.name)}: ${filter}`);
    writer.note({ type: "mark", text, atNs: 0 });
    let [snapshotCount, ofCount] = [0, 0];
    for (const event of trace.events(onDamaged, boundsOf(trace))) {
      if (event instanceof Snapshot) {
        ofCount++;
        const kept = keep(event);
        if (kept === undefined || kept.vmas.length === 0) continue;
        writer.read(kept);
        snapshotCount++;
      } else if (event.type === "clear") writer.clear(event);
      else writer.note(event);
    }
    return { snapshotCount, ofCount };
  }, force);
}
