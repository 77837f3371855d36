/**
 * Which processes of a trace lived and were not tracked. What they wrote is in no snapshot.
 *
 * @module
 */

import { hasEnded, isDamaged } from "../core/errors.ts";
import type { ProcessIdentity } from "../core/process.ts";
import type { UntrackedProcess } from "../core/untracked_process.ts";
import type { PlainEvent, TraceEvents, UntrackedEvent } from "./schema.ts";

/** A time in which a process lived and was not tracked. */
export interface UntrackedStretch {
  /** The process that was not tracked. */
  readonly process: ProcessIdentity;
  /** The `code` of the error that said so. */
  readonly reason: string;
  /** The error in words; text from a file, which is not safe to print. */
  readonly message: string;
  /** When a call on it failed, since the session began. */
  readonly fromNs: number;
  /** When it was tracked again, or was found to have ended; null if neither was seen. */
  readonly untilNs: number | null;
  /** True if it was tracked again. */
  readonly isTrackedAfter: boolean;
}

/**
 * The times in which processes lived and were not tracked, in the order in which they began. Damaged
 * records are skipped.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { openTrace } from "../files/open_trace.ts";
 *
 * const trace = openTrace("recordings/traces/redis.sdtrace");
 * assert.deepEqual(untrackedStretches(trace), []);
 * ```
 */
export function untrackedStretches(
  trace: TraceEvents,
  eventCount: number = trace.eventCount,
): UntrackedStretch[] {
  const all: UntrackedStretch[] = [];
  /** By pid: the index in `all` of the stretch that has not ended. */
  const open = new Map<number, number>();
  const end = (pid: number, untilNs: number, isTrackedAfter: boolean) => {
    const at = open.get(pid);
    if (at === undefined) return;
    all[at] = { ...all[at], untilNs, isTrackedAfter };
    open.delete(pid);
  };
  const begin = (event: Omit<UntrackedEvent, "type">) => {
    const { process: { pid }, reason, message, atNs } = event;
    const before = all[open.get(pid) ?? -1];
    if (before !== undefined && isSameStretch(before, event)) return;
    end(pid, atNs, false);
    const { process } = event;
    const time = { process, reason, message, fromNs: atNs, untilNs: null, isTrackedAfter: false };
    open.set(pid, all.push(time) - 1);
  };
  const identities = new Map<number, ProcessIdentity>();
  for (let i = 0; i < eventCount; i++) {
    const { type, atNs, process } = trace.summary(i);
    if (process !== undefined) identities.set(process.pid, process);
    if (type === "clear" || type === "read") {
      if (process !== undefined) end(process.pid, atNs, true);
    } else if (type === "exit" || type === "untracked") {
      const event = whole(() => trace.event(i) as PlainEvent);
      if (event?.type === "untracked") begin(event);
      if (event?.type !== "exit") continue;
      const { pid, reason } = event;
      if (hasEnded(reason)) end(pid, atNs, false);
      else { // an older trace, which has no words for it
        const process = identities.get(pid) ?? { pid, startTimeTicks: 0, command: "" };
        begin({ process, reason, message: reason, atNs });
      }
    }
  }
  return all;
}

/** The processes that lived and were not tracked up to their end, or that of the events looked at. */
export function neverTrackedAgain(trace: TraceEvents, eventCount?: number): UntrackedProcess[] {
  const latest = new Map<string, UntrackedProcess>();
  for (const { process, reason, isTrackedAfter } of untrackedStretches(trace, eventCount)) {
    const key = `${process.pid} ${process.startTimeTicks}`;
    if (!isTrackedAfter) latest.set(key, { process, reason });
  }
  return [...latest.values()];
}

function isSameStretch(
  before: UntrackedStretch,
  { process, reason }: Omit<UntrackedEvent, "type">,
): boolean {
  return before.reason === reason && before.process.startTimeTicks === process.startTimeTicks;
}

/** Undefined for a record that is damaged. */
function whole<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch (error) {
    if (isDamaged(error)) return undefined;
    throw error;
  }
}
