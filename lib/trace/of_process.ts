/**
 * Events of one process, in a trace of several.
 *
 * @module
 */

import { isDamaged, TraceError } from "../core/errors.ts";
import type { Snapshot } from "../core/snapshot.ts";
import type { TraceReader } from "./reader.ts";

/** The process that an event is about; undefined for a mark. */
export function pidOf(
  event: ReturnType<TraceReader["event"]> | ReturnType<TraceReader["raw"]>,
): number | undefined {
  if ("process" in event) return event.process.pid;
  return event.type === "exit" ? event.pid : undefined;
}

/**
 * A snapshot by its number among those of one process; negative numbers count from the end.
 *
 * @throws TraceError if there is none of that number.
 */
export function snapshotOf(trace: TraceReader, pid: number, index: number): Snapshot {
  const events: number[] = [];
  for (let i = 0; i < trace.eventCount; i++) {
    if (trace.typeOf(i) === "read" && isOf(trace, i, pid)) events.push(i);
  }
  const event = events.at(index);
  if (event !== undefined) return trace.event(event) as Snapshot;
  throw new TraceError(
    "no-such-snapshot",
    trace.name,
    `${trace.name} has no snapshot ${index} of process ${pid}`,
    events.length === 0
      ? "It has none of that process; softdirty info lists the processes"
      : `It has ${events.length}: 0 to ${events.length - 1}`,
  );
}

function isOf(trace: TraceReader, eventIndex: number, pid: number): boolean {
  try {
    return pidOf(trace.raw(eventIndex)) === pid;
  } catch (error) {
    if (isDamaged(error)) return false;
    throw error;
  }
}
