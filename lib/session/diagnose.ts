/**
 * Looks at this machine as `softdirty doctor` does.
 *
 * @module
 */

import type { Diagnosis, TargetDiagnosis } from "../core/diagnosis.ts";
import { probe } from "../kernel/probe.ts";
import { ProcFs } from "../kernel/proc_fs.ts";

/**
 * Tries what tracking needs. The process that is asked about is only looked at, never cleared.
 *
 * @param pid a process that someone wants to track
 */
export function diagnose(pid?: number, proc = new ProcFs()): Diagnosis {
  const report = probe(proc);
  const target = pid === undefined ? null : diagnoseTarget(proc, pid);
  return {
    isReady: report.softDirty && (target?.isReadable ?? true),
    kernelRelease: proc.kernelRelease(),
    arch: process.arch,
    runtime: "deno" in process.versions
      ? `Deno ${process.versions.deno}`
      : `Node ${process.versions.node}`,
    pageSizeBytes: proc.pageSizeBytes(),
    probe: report,
    target,
  };
}

function diagnoseTarget(proc: ProcFs, pid: number): TargetDiagnosis {
  let command: string | null = null;
  try {
    command = proc.stat(pid).command;
    proc.openPagemap(pid).close();
    proc.openClearRefs(pid).close();
    return { pid, command, isReadable: true, reason: "" };
  } catch (error) {
    return { pid, command, isReadable: false, reason: (error as Error).message };
  }
}
