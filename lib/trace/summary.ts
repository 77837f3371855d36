/**
 * What a trace is about, found without decoding its page sets. Damaged records are passed over.
 *
 * @module
 */

import type { ProcessIdentity } from "../core/process.ts";
import { isDamaged } from "../core/errors.ts";
import type { TraceReader } from "./reader.ts";

/** The whole of a trace in a few values. */
export interface TraceSummary {
  /**
   * The processes in the order in which they first occur; one that took another command name, as exec
   * does, once for each.
   */
  readonly processes: readonly ProcessIdentity[];
  /** From the first event to the last. */
  readonly durationNs: number;
}

/** Walks all events once. */
export function summarize(trace: TraceReader): TraceSummary {
  const processes = new Map<string, ProcessIdentity>();
  let [firstNs, lastNs] = [Infinity, 0];
  for (let i = 0; i < trace.eventCount; i++) {
    try {
      const event = trace.raw(i);
      firstNs = Math.min(firstNs, event.atNs);
      lastNs = Math.max(lastNs, event.atNs);
      if (!("process" in event)) continue;
      const { pid, startTimeTicks, command } = event.process;
      processes.set(JSON.stringify([pid, startTimeTicks, command]), event.process);
    } catch (error) {
      if (!isDamaged(error)) throw error;
    }
  }
  return { processes: [...processes.values()], durationNs: Math.max(0, lastNs - firstNs) };
}
