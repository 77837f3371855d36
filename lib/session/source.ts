/**
 * Where a session's snapshots come from. A session cannot tell a live process from a recorded one.
 *
 * @module
 */

import type { ProbeReport } from "../core/probe_report.ts";
import type { ClearEvent, Snapshot } from "../core/snapshot.ts";
import type { ReadOptions } from "../core/tracker.ts";
import type { MarkEvent } from "../trace/schema.ts";

/** A live tracker with a recorder, or a trace. */
export interface SnapshotSource {
  /** The process that is meant when no pid is given. */
  readonly defaultPid: number | undefined;
  /** The trace that is read, or written as soon as there is something to write. */
  readonly tracePath: string | undefined;
  /** What the kernel was proven to do, for the tracker in use. */
  probe(): ProbeReport;
  clear(pid: number): ClearEvent;
  read(pid: number, options?: ReadOptions): Snapshot;
  /** Reads and clears. */
  take(pid: number, options?: ReadOptions): Snapshot;
  mark(text: string): MarkEvent;
  /** Lets time pass, which a trace need not wait for. Ends early when `signal` is aborted. */
  wait(durationMs: number, signal?: AbortSignal): Promise<void>;
  close(): void;
}
