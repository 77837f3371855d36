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
  readonly snapshotCount: number;
  /** Of so many. */
  readonly ofCount: number;
}

/**
 * Writes a new trace with all events of another, its snapshots narrowed; those of which nothing is left
 * are left out. A mark at the beginning tells from which trace, and by what.
 *
 * @param by what the mark says of the filter
 * @param onDamaged is handed each record that cannot be read, which is then passed over
 * @param force replaces a file that is there
 * @throws TraceError if the file exists or cannot be written; then there is none
 */
export function filterTrace(
  trace: TraceReader,
  output: string,
  by: string,
  keep: (snapshot: Snapshot) => Snapshot | undefined,
  onDamaged: (error: TraceError) => void,
  force = false,
): FilteredTrace {
  return writeNewTrace(output, trace.header, (writer) => {
    const text = wellFormed(`filtered from ${basename(trace.name)}: ${by}`);
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
