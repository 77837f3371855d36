/**
 * What a live session needs of a kernel.
 *
 * @module
 */

import type { ProbeReport } from "../core/probe_report.ts";
import type { TrackerKind } from "../core/snapshot.ts";
import type { Tracker } from "../core/tracker.ts";
import { probe } from "../kernel/probe.ts";
import { ProcFs } from "../kernel/proc_fs.ts";
import { type MonotonicClock, SoftDirtyTracker } from "../kernel/soft_dirty.ts";

/** A kernel that may be able to track. */
export interface KernelAccess {
  /** As `uname -r` prints it. */
  readonly release: string;
  /** Finds out by trying whether it tracks; tries once. */
  probe(): ProbeReport;
  /** A tracker, which is to be used only where the probe proved that it works. */
  createTracker(kind: TrackerKind | "auto", nowNs: MonotonicClock): Tracker;
}

/** The kernel that this program runs on. */
export function thisKernel(proc = new ProcFs()): KernelAccess {
  let report: ProbeReport | undefined;
  return {
    get release() {
      return proc.kernelRelease();
    },
    probe: () => report ??= probe(proc),
    // There is one kind so far, which is what `auto` takes.
    createTracker: (_kind, nowNs) => new SoftDirtyTracker(proc, nowNs),
  };
}
