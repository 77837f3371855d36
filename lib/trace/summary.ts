/**
 * What a trace is about, found without decoding its events.
 *
 * @module
 */

import type { ProcessIdentity } from "../core/process.ts";
import type { TraceReader } from "./reader.ts";

/** The whole of a trace in a few values. */
export interface TraceSummary {
  /**
   * The processes in the order in which they first occur, each once; one that took another command name,
   * as exec does, once for each.
   */
  readonly processes: readonly ProcessIdentity[];
  /** From the first event to the last. */
  readonly durationNs: number;
  /** How many events there are of each type that occurs. */
  readonly counts: Readonly<Record<string, number>>;
}

/** Walks all events once. */
export function summarize(trace: TraceReader): TraceSummary {
  const processes = new Map<string, ProcessIdentity>();
  const counts: Record<string, number> = {};
  let [firstNs, lastNs] = [Infinity, 0];
  for (let i = 0; i < trace.eventCount; i++) {
    const { type, atNs, process } = trace.brief(i);
    firstNs = Math.min(firstNs, atNs);
    lastNs = Math.max(lastNs, atNs);
    counts[type] = (counts[type] ?? 0) + 1;
    if (process === undefined) continue;
    const { pid, startTimeTicks, command } = process;
    const key = `${pid} ${startTimeTicks} ${command}`;
    if (!processes.has(key)) processes.set(key, process);
  }
  return { processes: [...processes.values()], durationNs: Math.max(0, lastNs - firstNs), counts };
}
