/**
 * Looks at this machine as `softdirty doctor` does.
 *
 * @module
 */

import type { Diagnosis, TargetAccess, TargetDiagnosis } from "../core/diagnosis.ts";
import { isProven } from "../core/probe_report.ts";
import { TRACKER_KINDS, type TrackerKind } from "../core/snapshot.ts";
import { openToAttach } from "../kernel/attach_conditions.ts";
import { ProcFs } from "../kernel/proc_fs.ts";
import { chooseTracker } from "./choose_tracker.ts";
import { thisKernel } from "./kernel_access.ts";

/**
 * Tries what tracking needs. The process that is asked about is only looked at, never cleared and never
 * stopped.
 *
 * @param pid a process that someone wants to track
 */
export function diagnose(pid?: number, proc = new ProcFs()): Diagnosis {
  const kernel = thisKernel(proc);
  const probes = TRACKER_KINDS.map((kind) => kernel.probe(kind));
  const choice = chooseTracker(kernel, "auto", pid === undefined ? [] : [pid]);
  const target = pid === undefined ? null : diagnoseTarget(proc, pid);
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

/** What each tracker opens before it changes anything. */
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

function diagnoseTarget(proc: ProcFs, pid: number): TargetDiagnosis {
  let command: string | null = null;
  const access = TRACKER_KINDS.map((tracker): TargetAccess => {
    try {
      command = proc.stat(pid).command;
      OPENS[tracker](proc, pid);
      return { tracker, isAllowed: true, reason: "" };
    } catch (error) {
      return { tracker, isAllowed: false, reason: (error as Error).message };
    }
  });
  return { pid, command, access };
}
