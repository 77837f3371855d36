/**
 * What a trace is about, found without decoding its snapshots.
 *
 * @module
 */

import { isDamaged } from "../core/errors.ts";
import type { ProcessIdentity } from "../core/process.ts";
import type { TraceReader } from "./reader.ts";
import type { WarningEvent } from "./schema.ts";
import { type UntrackedStretch, untrackedStretches } from "./untracked_stretches.ts";

/** A file can hold millions of warnings; only the first ones are kept. */
const MAX_WARNINGS = 100;

/** The whole of a trace in a few values. */
export interface TraceSummary {
  /**
   * The processes in the order in which they first occur, each once; one that took another command name,
   * as exec does, once for each.
   */
  readonly processes: readonly ProcessIdentity[];
  /** Processes that lived and were never tracked again, once for each reason in turn. */
  readonly untracked: readonly UntrackedStretch[];
  /** The first hundred; `counts` has how many there are. */
  readonly warnings: readonly WarningEvent[];
  /** From the first event to the last. */
  readonly durationNs: number;
  /** How many events there are of each type that occurs. */
  readonly counts: Readonly<Record<string, number>>;
}

/** Walks all events once, and once more where processes were not tracked. */
export function summarize(trace: TraceReader): TraceSummary {
  const processes = new Map<string, ProcessIdentity>();
  const warnings: WarningEvent[] = [];
  const counts: Record<string, number> = {};
  let [firstNs, lastNs] = [Infinity, 0];
  for (let i = 0; i < trace.eventCount; i++) {
    const { type, atNs, process } = trace.summary(i);
    firstNs = Math.min(firstNs, atNs);
    lastNs = Math.max(lastNs, atNs);
    counts[type] = (counts[type] ?? 0) + 1;
    if (type === "warning" && warnings.length < MAX_WARNINGS) warnings.push(...warningAt(trace, i));
    if (process === undefined) continue;
    const { pid, startTimeTicks, command } = process;
    const key = `${pid} ${startTimeTicks} ${command}`;
    if (!processes.has(key)) processes.set(key, process);
  }
  const untracked = counts.untracked === undefined && counts.exit === undefined
    ? []
    : untrackedStretches(trace).filter(({ isTrackedAfter }) => !isTrackedAfter);
  const durationNs = Math.max(0, lastNs - firstNs);
  return { processes: [...processes.values()], untracked, warnings, durationNs, counts };
}

function warningAt(trace: TraceReader, eventIndex: number): WarningEvent[] {
  try {
    return [trace.event(eventIndex) as WarningEvent];
  } catch (error) {
    if (isDamaged(error)) return [];
    throw error;
  }
}
