/**
 * What a live session needs of a kernel.
 *
 * @module
 */

import type { ProbeReport } from "../core/probe_report.ts";
import type { ReadMethod, TrackerKind } from "../core/snapshot.ts";
import type { ProcessIdentity } from "../core/process.ts";
import type { TargetWarning } from "../core/target_warning.ts";
import type { Tracker } from "../core/tracker.ts";
import { ForkEvents } from "../kernel/fork_events.ts";
import { Freezer } from "../kernel/freeze/freezer.ts";
import { FreezingTracker } from "../kernel/freeze/freezing_tracker.ts";
import { currentArch } from "../kernel/inject/current_arch.ts";
import { mayAttach } from "../kernel/inject/attach_conditions.ts";
import { MmSysfs } from "../kernel/proc/mm_sysfs.ts";
import { openedBy, type OpenedByTarget, PagemapReaders } from "../kernel/neighbours/neighbours.ts";
import { preflight, type PreflightOptions, type PreflightTarget } from "../kernel/preflight.ts";
import { probe } from "../kernel/probe.ts";
import { probeUffdWp } from "../kernel/probe_uffd_wp.ts";
import {
  cgroupMembers,
  type ProcessMember,
  processTree,
  type RunningProcess,
  runningProcesses,
} from "../kernel/proc/process_groups.ts";
import { unlessGone } from "../kernel/proc/proc_errors.ts";
import { ProcFs } from "../kernel/proc/proc_fs.ts";
import { SoftDirtyTracker } from "../kernel/soft_dirty.ts";
import type { MonotonicClock } from "../core/tracker.ts";
import { shareMemory } from "../kernel/shared_memory.ts";
import { type UffdWpOptions, UffdWpTracker } from "../kernel/uffd_wp.ts";
import type { ForkSource } from "./missed_processes.ts";
import { type WritableMemory, writableMemory } from "../kernel/writable_memory.ts";
import type { ProcessGroup } from "./source.ts";

/** How to track; a tracker passes over what it has no use for. */
export interface TrackerOptions extends UffdWpOptions, PreflightOptions {
  /** How soft-dirty is read; by default the fastest way that the probe proved. */
  readonly readBy?: ReadMethod | undefined;
  /** Stop the target around each call, so that read and clear lose nothing. */
  readonly freeze?: boolean | undefined;
}

const PROBES: Readonly<Record<TrackerKind, (proc: ProcFs) => ProbeReport>> = {
  "soft-dirty": probe,
  "uffd-wp": probeUffdWp,
};

/** A kernel that may be able to track. */
export interface KernelAccess {
  /** As `uname -r` prints it. */
  readonly release: string;
  /** Finds out by trying whether it tracks in this way; tries once. */
  probe(kind: TrackerKind): ProbeReport;
  /**
   * The processes of a group at this moment. Of a tree, also those that descend from `known`, which were
   * in it before.
   */
  members(group: ProcessGroup, known: readonly number[]): ProcessMember[];
  /** What a process runs, where its name says less. */
  programOf?(pid: number, command: string): string | undefined;
  /** All processes but this program, of whatever user. */
  running(): RunningProcess[];
  /** The size of a page. */
  pageSizeBytes(): number;
  /** As in {@linkcode ReadConditions}, at this moment. */
  folioPages(): number[];
  /**
   * How much of the writable memory of a process is shared.
   *
   * @throws ProcessError
   */
  writableMemory(pid: number): WritableMemory;
  /** True if uffd-wp can attach to a process, as far as can be known without touching it. */
  mayAttach(pid: number): boolean;
  /** True if both processes have one address space. */
  shareMemory(a: number, b: number): boolean;
  /**
   * Looks at a process before it is cleared for the first time, and changes nothing.
   *
   * @returns what the user should know
   * @throws ProcessError if it is to be left alone, or may not be looked at
   */
  preflight(
    kind: TrackerKind,
    target: PreflightTarget,
    options?: PreflightOptions,
  ): readonly TargetWarning[];
  /** What a process has open of its own tracking. */
  opened(pid: number): OpenedByTarget;
  /** Which process has a pid; undefined if none that can be seen. */
  identify(pid: number): ProcessIdentity | undefined;
  /** Hears of each process that is forked; undefined where that cannot be, or is not allowed. */
  watchForks(): ForkSource | undefined;
  /** A tracker, which is to be used only where the probe proved that it works. */
  createTracker(kind: TrackerKind, nowNs: MonotonicClock, options?: TrackerOptions): Tracker;
}

/** The kernel that this program runs on. */
export function thisKernel(proc = new ProcFs()): KernelAccess {
  const reports = new Map<TrackerKind, ProbeReport>();
  const probeOnce = (kind: TrackerKind): ProbeReport => {
    const report = reports.get(kind) ?? PROBES[kind](proc);
    reports.set(kind, report);
    return report;
  };
  const readers = new PagemapReaders(proc, process.pid);
  return {
    get release() {
      return proc.kernelRelease();
    },
    probe: probeOnce,
    members: (group, known) =>
      "cgroup" in group
        ? cgroupMembers(proc, group.cgroup)
        : processTree(proc, [group.treeOf, ...known]),
    programOf: (pid, command) => proc.programOf(pid, command),
    running: () => runningProcesses(proc, process.pid),
    pageSizeBytes: () => proc.pageSizeBytes(),
    folioPages: () => new MmSysfs().folioPages(proc.pageSizeBytes()),
    writableMemory: (pid) => writableMemory(proc, pid),
    mayAttach: (pid) => mayAttach(proc, pid),
    shareMemory,
    preflight: (kind, target, options) =>
      preflight({ proc, readers, readBy: probeOnce("soft-dirty").readBy }, kind, target, options),
    watchForks: () => ForkEvents.open(),
    opened: (pid) => openedBy(proc, pid),
    identify(pid) {
      const found = unlessGone(() => proc.rawStat(pid));
      if (found === undefined) return undefined;
      const { startTimeTicks, command } = found;
      const program = proc.programOf(pid, command);
      const known = { pid, startTimeTicks, command };
      return program === undefined ? known : { ...known, program };
    },
    createTracker(kind, nowNs, options = {}) {
      const tracker = kind === "soft-dirty"
        ? new SoftDirtyTracker(proc, nowNs, {
          ...options,
          readBy: options.readBy ?? probeOnce(kind).readBy,
        })
        : new UffdWpTracker(proc, currentArch()!, nowNs, options);
      return options.freeze ? new FreezingTracker(tracker, new Freezer(proc, nowNs)) : tracker;
    },
  };
}
