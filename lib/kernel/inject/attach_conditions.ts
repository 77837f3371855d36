/**
 * Whether a process can be made to do a call: what shows before it is touched, and what shows only
 * once its first thread is stopped.
 *
 * @module
 */

import { ProcessError } from "../../core/errors.ts";
import { notAllowed, refused, replaced, tracedByAnother } from "./attach_errors.ts";
import { mayReachFilters, meetFilters, outOfReach } from "./attach_filters.ts";
import { hasCode } from "./code_addresses.ts";
import { failedWith } from "../system/libc.ts";
import type { Arch, CodeAddresses, Registers } from "./arch.ts";
import type { ProcessMemory } from "../proc/proc_files.ts";
import type { ProcFs } from "../proc/proc_fs.ts";
import { SUSPEND_SECCOMP, TRACE_SYSGOOD, TRACE_VFORK, type Tracee } from "./tracee.ts";

/** How a process is filtered by seccomp(2), as `/proc/PID/status` numbers it. */
const SECCOMP = { strict: "1", filter: "2" } as const;

/**
 * Opens the memory of a process that is to be attached to, which needs the same rights. Refuses what
 * can be known without touching the process.
 *
 * @throws ProcessError
 */
export function openToAttach(proc: ProcFs, pid: number): ProcessMemory {
  assertAttachable(proc, pid);
  try {
    return proc.openMemory(pid);
  } catch (cause) {
    if (!(cause instanceof ProcessError && cause.code === "permission-denied")) throw cause;
    throw notAllowed(proc, pid, cause);
  }
}

/** True if nothing that can be known without touching the process forbids it. */
export function mayAttach(proc: ProcFs, pid: number): boolean {
  try {
    openToAttach(proc, pid).close();
    return true;
  } catch (error) {
    if (error instanceof ProcessError) return false;
    throw error;
  }
}

function assertAttachable(proc: ProcFs, pid: number): void {
  const tracer = Number(proc.statusField(pid, "TracerPid"));
  if (tracer !== 0) throw tracedByAnother(pid, tracer);
  if (proc.statusField(pid, "x86_Thread_features").split(" ").includes("shstk")) {
    throw new ProcessError(
      "cannot-attach",
      pid,
      `Process ${pid} runs with a shadow stack, which forbids what attaching does`,
      "Start it without (GLIBC_TUNABLES=glibc.cpu.hwcaps=-SHSTK), or use --tracker soft-dirty",
    );
  }
  if (proc.programKind(pid)?.is32Bit) {
    throw refused(pid, "is a 32-bit program, and uffd-wp attaches to 64-bit ones alone");
  }
  const seccomp = proc.statusField(pid, "Seccomp");
  if (seccomp === SECCOMP.strict) {
    throw new ProcessError(
      "cannot-attach",
      pid,
      `Process ${pid} runs under strict seccomp and cannot make system calls`,
    );
  }
  if (seccomp === SECCOMP.filter && !mayReachFilters(proc)) throw outOfReach(pid);
}

/** The first thread of a process, stopped. */
export interface StoppedLeader {
  readonly proc: ProcFs;
  readonly pid: number;
  readonly leader: Tracee;
  readonly registers: Registers;
  readonly memory: ProcessMemory;
  readonly code: CodeAddresses;
  readonly arch: Arch;
  readonly hasOwnTable: boolean;
}

/**
 * Refuses what shows only now, and readies the thread for what is to come. Nothing of it was changed
 * yet.
 *
 * @throws ProcessError
 */
export function assertUsable(stopped: StoppedLeader): void {
  const { proc, pid, arch, memory, code, leader, registers } = stopped;
  if (registers.length !== arch.registerCount || !arch.is64Bit(registers)) {
    throw refused(pid, "runs 32-bit code");
  }
  if (leader.dispatchesCalls()) throw refused(pid, "has its system calls dispatched to itself");
  if (!hasCode(memory, code, arch)) throw replaced(pid);
  const isFiltered = proc.statusField(pid, "Seccomp") === SECCOMP.filter;
  if (isFiltered) meetFilters(stopped);
  holdNewThreads(stopped, isFiltered);
}

/** A filter is suspended: one that spares the process may still forbid the calls. */
function holdNewThreads({ pid, leader }: StoppedLeader, isFiltered: boolean): void {
  const options = TRACE_SYSGOOD | TRACE_VFORK;
  try {
    // Also where there is none yet: another thread may give one to all (SECCOMP_FILTER_FLAG_TSYNC).
    leader.setOptions(options | SUSPEND_SECCOMP);
  } catch (cause) {
    if (!failedWith(cause, "EPERM", "EINVAL")) throw cause;
    if (isFiltered) throw outOfReach(pid, cause);
    leader.setOptions(options);
  }
}
