/**
 * The source of a session's snapshots. A session treats a live and a recorded process alike.
 *
 * @module
 */

import type { ProbeReport } from "../core/probe_report.ts";
import type { SnapshotSeries } from "../core/untracked_process.ts";
import type { ClearEvent, Snapshot } from "../core/snapshot.ts";
import type { ReadOptions } from "../core/tracker.ts";
import type { MarkEvent } from "../trace/schema.ts";

/** Some processes to watch together: a process with all that descends from it, or a control group. */
export type ProcessGroup = { readonly treeOf: number } | { readonly cgroup: string };

/** One process of a group. */
export interface Member {
  readonly pid: number;
  /** True if it was in the group at the first look: what it wrote before does not count. */
  readonly wasFound: boolean;
  /** True if it is reported for the first time. */
  readonly isNew: boolean;
}

/** A live tracker with a recorder, or a trace. */
export interface SnapshotSource {
  /** The process to use when no pid is given. */
  readonly defaultPid: number | undefined;
  /** The trace that is read, or written as soon as there is something to write. */
  readonly tracePath: string | undefined;
  /** What was replayed until now, or all of it if nothing was yet; undefined if it is live. */
  readonly replayed: SnapshotSeries | undefined;
  /** What the kernel was proven to do, for the tracker in use. */
  probe(): ProbeReport;
  clear(pid: number): ClearEvent;
  read(pid: number, options?: ReadOptions): Snapshot;
  /** Reads and clears. */
  take(pid: number, options?: ReadOptions): Snapshot;
  /** The processes of a group at this moment, and whether each is there for the first time. */
  members(group: ProcessGroup): Member[];
  mark(text: string): MarkEvent;
  /** Lets time pass, which a trace need not wait for. Ends early when `signal` is aborted. */
  wait(durationMs: number, signal?: AbortSignal): Promise<void>;
  /** Does something to what is tracked, which a trace leaves out. */
  act<T>(action: () => T | Promise<T>): Promise<T | undefined>;
  close(): void;
}
