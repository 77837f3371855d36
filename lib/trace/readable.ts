/**
 * The snapshots of a trace for measures, which pass over what is damaged.
 *
 * @module
 */

import type { TraceError } from "../core/errors.ts";
import { Snapshot } from "../core/snapshot.ts";
import type { TraceReader } from "./reader.ts";

/**
 * Walks the snapshots, narrowed; those of which no mapping is left are left out.
 *
 * @param onDamaged is handed each record that cannot be read
 */
export function* snapshotsOf(
  trace: TraceReader,
  onDamaged: (error: TraceError) => void,
  narrow: (snapshot: Snapshot) => Snapshot = (snapshot) => snapshot,
): Generator<Snapshot, void, void> {
  for (const event of trace.events(onDamaged)) {
    if (!(event instanceof Snapshot)) continue;
    const narrowed = narrow(event);
    if (narrowed.vmas.length > 0) yield narrowed;
  }
}
