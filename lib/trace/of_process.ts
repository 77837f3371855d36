/**
 * Events of one process, in a trace of several.
 *
 * @module
 */

import { TraceError } from "../core/errors.ts";
import type { Snapshot } from "../core/snapshot.ts";
import type { PlainEvent } from "./schema.ts";
import type { TraceReader } from "./reader.ts";

/** The process that an event is about; undefined for a mark. */
export function pidOf(event: PlainEvent | Snapshot): number | undefined {
  if ("process" in event) return event.process.pid;
  return event.type === "exit" ? event.pid : undefined;
}

/**
 * A snapshot by its number among those of one process; negative numbers count from the end.
 *
 * @throws TraceError if there is none of that number.
 */
export function snapshotOf(trace: TraceReader, pid: number, index: number): Snapshot {
  const numbers = trace.indexesOf(pid);
  const number = numbers.at(index);
  if (number !== undefined) return trace.at(number);
  throw new TraceError(
    "no-such-snapshot",
    trace.name,
    `${trace.name} has no snapshot ${index} of process ${pid}`,
    numbers.length === 0
      ? "It has none of that process; softdirty info lists the processes"
      : `It has ${numbers.length}: 0 to ${numbers.length - 1}`,
  );
}
