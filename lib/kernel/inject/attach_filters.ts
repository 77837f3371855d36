/**
 * Whether a process outlives its own seccomp filters, should this program die while it attaches.
 *
 * While we live, the filters are suspended. If we die, they are in force again, and the calls that the
 * process is about to do for us meet them: to make the userfaultfd, and to restore itself.
 *
 * @module
 */

import { ProcessError } from "../../core/errors.ts";
import { refused } from "./attach_errors.ts";
import { helperFlags } from "./helper_thread.ts";
import { failedWith } from "../system/libc.ts";
import type { Arch, Registers } from "./arch.ts";
import type { ProcFs } from "../proc/proc_fs.ts";
import { type SeccompAction, seccompAction, seccompData } from "./seccomp_filter.ts";
import type { Tracee } from "./tracee.ts";
import { USERFAULTFD_FLAGS } from "./userfaultfd.ts";

/** A thread that is to do the calls, and what they depend on. */
export interface FilteredLeader {
  readonly pid: number;
  readonly leader: Pick<Tracee, "seccompFilters" | "setRegisters">;
  /** What it continues with; changed if it must not continue as it would. */
  readonly registers: Registers;
  readonly arch: Arch;
  /** See `AttachOptions.hasOwnTable`. */
  readonly hasOwnTable: boolean;
}

/** After these a call is done as if there were no filter. */
const PASSES: readonly SeccompAction[] = ["ALLOW", "LOG"];

/** Of the answers that harm: what becomes of the process. Others depend on a process that may be gone. */
const HARMS: Readonly<Partial<Record<SeccompAction, string>>> = {
  KILL_PROCESS: "kills it for",
  KILL_THREAD: "kills it for",
  TRAP: "sends it a signal (SIGSYS) for",
  ERRNO: "forbids it",
};

/**
 * Refuses a process that a filter of it would harm, and sees to it that the stop itself does not.
 *
 * @throws ProcessError
 */
export function meetFilters(filtered: FilteredLeader): void {
  let filters: readonly Uint8Array[] | undefined;
  try {
    filters = filtersOf(filtered);
  } finally {
    avoidRestartCall(filtered, filters);
  }
  assertSpared(filtered, filters);
}

/**
 * A stop interrupts a call, and the kernel can continue it by another one, restart_syscall(2). If a
 * filter forbids that, the call begins again instead, with all of its timeout.
 */
function avoidRestartCall(
  { leader, arch, registers }: FilteredLeader,
  filters: readonly Uint8Array[] | undefined,
): void {
  if (!arch.hasRestartCall(registers)) return;
  const data = seccompData(arch.auditArch, arch.syscalls.restart_syscall);
  if (filters !== undefined && PASSES.includes(seccompAction(filters, data))) return;
  registers.set(arch.restarted(registers));
  leader.setRegisters(registers);
}

function assertSpared(filtered: FilteredLeader, filters: readonly Uint8Array[]): void {
  for (const { name, data, mayFail } of callsOf(filtered)) {
    const action = seccompAction(filters, data);
    if (PASSES.includes(action) || (mayFail && action === "ERRNO")) continue;
    const harm = HARMS[action] ?? "has another process decide on";
    throw refused(filtered.pid, `has a seccomp filter that ${harm} ${name}(2)`);
  }
}

/**
 * The calls that a process may do for us. Those of a thread that restores itself must not fail: it has
 * no code to continue with then.
 */
function callsOf({ arch: { auditArch, syscalls }, hasOwnTable }: FilteredLeader) {
  const call = (name: keyof typeof syscalls, mayFail: boolean, ...parameters: number[]) => (
    { name, mayFail, data: seccompData(auditArch, syscalls[name], ...parameters) }
  );
  return [
    call("userfaultfd", true, USERFAULTFD_FLAGS),
    call("clone", true, helperFlags(hasOwnTable)),
    call("rt_sigreturn", false),
    call("exit", false, 0),
    ...(hasOwnTable ? [] : [call("close", true)]),
  ];
}

function filtersOf({ pid, leader }: FilteredLeader): Uint8Array[] {
  try {
    return leader.seccompFilters();
  } catch (cause) {
    throw failedWith(cause, "ESRCH") ? cause : outOfReach(pid, cause);
  }
}

const CAP_SYS_ADMIN = 21n;

/** False if we surely may neither read nor suspend the filters of others: both need the same. */
export function mayReachFilters(proc: ProcFs): boolean {
  const capabilities = BigInt(`0x${proc.statusField(process.pid, "CapEff")}`);
  const isFree = proc.statusField(process.pid, "Seccomp") === "0";
  return isFree && (capabilities >> CAP_SYS_ADMIN & 1n) === 1n;
}

/** Its filters can be neither read nor suspended. */
export function outOfReach(pid: number, cause?: unknown): ProcessError {
  return new ProcessError(
    "cannot-attach",
    pid,
    `Process ${pid} has a seccomp filter, which may kill it for the calls that attaching needs`,
    failedWith(cause, "EINVAL")
      ? "This kernel does not show it (CONFIG_CHECKPOINT_RESTORE). Where it has it, use " +
        "--tracker soft-dirty"
      : "Run as root (CAP_SYS_ADMIN) and outside of containers, where the filter can be seen and " +
        "suspended",
    { cause },
  );
}
