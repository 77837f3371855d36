/**
 * Looks at this machine as `softdirty doctor` does.
 *
 * @module
 */

import type { Diagnosis, TargetAccess, TargetDiagnosis } from "../core/diagnosis.ts";
import { isProven, type ProbeReport } from "../core/probe_report.ts";
import { TRACKER_KINDS, type TrackerKind } from "../core/snapshot.ts";
import { assertAttachable } from "../kernel/inject/attach.ts";
import { openToAttach } from "../kernel/inject/attach_conditions.ts";
import { currentArch } from "../kernel/inject/current_arch.ts";
import { ProcFs } from "../kernel/proc/proc_fs.ts";
import { chooseTracker } from "./choose_tracker.ts";
import { type KernelAccess, thisKernel } from "./kernel_access.ts";

/**
 * Tries what tracking needs. The process in question gets the checks that a recording makes before it
 * changes anything. It is never cleared, and it is stopped only if it has a seccomp filter, which can be
 * read only while the process is stopped, for a millisecond or two.
 *
 * @param pid the process to be tracked
 */
export function diagnose(pid?: number): Diagnosis {
  const proc = new ProcFs();
  const kernel = thisKernel(proc);
  const probes = TRACKER_KINDS.map((kind) => kernel.probe(kind));
  const choice = chooseTracker(kernel, "auto", pid === undefined ? [] : [pid]);
  const target = pid === undefined ? null : diagnoseTarget(proc, kernel, probes, pid);
  const usable = TRACKER_KINDS.filter((kind, i) =>
    isProven(probes[i]) &&
    (target?.access.find(({ tracker }) => tracker === kind)?.isAllowed ?? true)
  );
  return {
    isReady: usable.length > 0,
    kernelRelease: proc.kernelRelease(),
    arch: process.arch,
    runtime: "deno" in process.versions
      ? `Deno ${process.versions.deno}`
      : `Node ${process.versions.node}`,
    pageSizeBytes: proc.pageSizeBytes(),
    probes,
    chosen: isProven(choice) ? choice.tracker : null,
    choice: isProven(choice) ? choice.choice ?? null : null,
    target,
  };
}

/** What a tracker that this kernel does not have would need to open. */
const OPENS: Readonly<Record<TrackerKind, (proc: ProcFs, pid: number) => void>> = {
  "soft-dirty"(proc, pid) {
    proc.openPagemap(pid).close();
    proc.openClearRefs(pid).close();
  },
  "uffd-wp"(proc, pid) {
    proc.openPagemap(pid).close();
    openToAttach(proc, pid).close();
  },
};

/** @returns the warnings that a recording would begin with */
function lookAsRecordingDoes(
  proc: ProcFs,
  kernel: KernelAccess,
  tracker: TrackerKind,
  pid: number,
): string[] {
  const warnings = kernel.preflight(tracker, { pid }).map(({ message }) => message);
  if (tracker === "uffd-wp") assertAttachable(proc, pid, currentArch()!);
  return warnings;
}

function diagnoseTarget(
  proc: ProcFs,
  kernel: KernelAccess,
  probes: readonly ProbeReport[],
  pid: number,
): TargetDiagnosis {
  let command: string | null = null;
  const access = probes.map((report): TargetAccess => {
    const { tracker } = report;
    try {
      command = proc.stat(pid).command;
      if (!isProven(report)) OPENS[tracker](proc, pid);
      const warnings = isProven(report) ? lookAsRecordingDoes(proc, kernel, tracker, pid) : [];
      return { tracker, isAllowed: true, reason: "", warnings };
    } catch (error) {
      return { tracker, isAllowed: false, reason: (error as Error).message, warnings: [] };
    }
  });
  return { pid, command, access };
}
