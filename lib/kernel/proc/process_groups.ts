/**
 * Which processes belong together: a tree, or a control group.
 *
 * @module
 */

import { ProcessError } from "../../core/errors.ts";
import type { ProcessIdentity } from "../../core/process.ts";
import { Cgroup, cgroupMount } from "./cgroup_fs.ts";
import type { ProcFs } from "./proc_fs.ts";
import { isKernelThread, type ProcessStat } from "./stat.ts";

/** A process with the one that started it, or took it over. */
export interface ProcessMember extends ProcessIdentity {
  readonly parentPid: number;
}

/** A process that could be tracked. */
export interface RunningProcess extends ProcessIdentity {
  /** Pages in RAM (RSS). */
  readonly residentPages: number;
}

/** All processes that have memory, but for this program. */
export function runningProcesses(proc: ProcFs, ownPid: number): RunningProcess[] {
  return proc.pids().flatMap((pid) => {
    const found = pid === ownPid ? undefined : stat(proc, pid);
    if (found === undefined) return [];
    const { startTimeTicks, command, residentPages } = found;
    const program = proc.programOf(pid, command);
    const named = program === undefined ? { command } : { command, program };
    return [{ pid, startTimeTicks, ...named, residentPages }];
  });
}

/**
 * Some processes and all that descends from them. A child whose parent ended goes over to another one:
 * to keep it, name all that were found before.
 */
export function processTree(proc: ProcFs, roots: readonly number[]): ProcessMember[] {
  const all = proc.pids().flatMap((pid) => stat(proc, pid) ?? []);
  const found = new Set(roots);
  // A child mostly has a larger pid than its parent; where pids wrapped around, another round finds it.
  for (let size = 0; size < found.size;) {
    size = found.size;
    for (const { pid, parentPid } of all) if (found.has(parentPid)) found.add(pid);
  }
  return all.filter(({ pid }) => found.has(pid)).map(toMember);
}

/**
 * The processes of a control group and of all groups below it.
 *
 * @param path a folder, or the path of a group below where groups are mounted
 * @throws ProcessError if there is no such group.
 */
export function cgroupMembers(proc: ProcFs, path: string): ProcessMember[] {
  const group = openCgroup(proc, path);
  return group.pids.flatMap((pid) => stat(proc, pid) ?? []).map(toMember);
}

function openCgroup(proc: ProcFs, path: string): Cgroup {
  const mount = cgroupMount(proc.mountinfo());
  if (mount === undefined) {
    throw new ProcessError("no-such-process", 0, "No control groups of version 2 are mounted here");
  }
  const group = new Cgroup(
    path.startsWith(`${mount}/`) ? path : `${mount}/${path.replace(/^\/+/, "")}`,
  );
  if (group.exists) return group;
  throw new ProcessError(
    "no-such-process",
    0,
    `There is no control group ${group.path}`,
    "`systemd-cgls` or `cat /proc/PID/cgroup` shows them",
  );
}

/** Undefined for what has no memory, or ended just then. */
function stat(proc: ProcFs, pid: number): ProcessStat | undefined {
  try {
    const found = proc.rawStat(pid);
    return isKernelThread(found) ? undefined : proc.livingStat(found);
  } catch (error) {
    if (error instanceof ProcessError) return undefined;
    throw error;
  }
}

function toMember({ pid, startTimeTicks, command, parentPid }: ProcessStat): ProcessMember {
  return { pid, startTimeTicks, command, parentPid };
}
