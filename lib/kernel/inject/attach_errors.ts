/**
 * The errors of attaching: why a process cannot be attached to, and what the person can do.
 *
 * @module
 */

import { ProcessError } from "../../core/errors.ts";
import { failedWith } from "../system/libc.ts";
import { exited } from "../proc/process_identities.ts";
import type { ProcFs } from "../proc/proc_fs.ts";
import { WaitError } from "./tracee.ts";

/** A thread stops within microseconds, unless it waits for a disk or is frozen. */
export const STOP_TIMEOUT_MS = 2000;

/** No process can attach to it. */
export function refused(pid: number, reason: string, cause?: unknown): ProcessError {
  return new ProcessError(
    "cannot-attach",
    pid,
    `Process ${pid} ${reason}`,
    "Where the kernel has it, use --tracker soft-dirty",
    { cause },
  );
}

/** It has no code that ends a call that it does for us. */
export function withoutCode(pid: number, isStatic: boolean): ProcessError {
  return refused(
    pid,
    isStatic
      ? "is a static program without code that returns from a signal handler, which attaching needs"
      : "has no code that returns from a signal handler, which attaching needs",
  );
}

/** It is not there yet: a C library brings it along. */
export function stillLoading(pid: number): ProcessError {
  return new ProcessError(
    "still-loading",
    pid,
    `Process ${pid} is still being loaded, or starts one program after another: it has no code yet ` +
      "that returns from a signal handler, which attaching needs",
    "Try again",
  );
}

/** It runs another program now than a moment ago. */
export function replaced(pid: number): ProcessError {
  return new ProcessError(
    "address-space-replaced",
    pid,
    `Process ${pid} replaced its address space (exec) just then`,
    "Try again",
  );
}

/** It did not come to where it was to be held. */
export function notStopping(pid: number, what: string, hint: string, cause?: unknown) {
  return new ProcessError("not-stopping", pid, `Process ${pid} ${what}`, hint, { cause });
}

/** It has a tracer, of which there can be one. */
export function tracedByAnother(pid: number, tracer: number): ProcessError {
  return new ProcessError(
    "traced-by-another",
    pid,
    `Process ${pid} is traced by process ${tracer}, as by a debugger or strace`,
    "A process has one tracer at a time: end that one first",
  );
}

/** The rights are missing, or the system allows it to no process. */
export function notAllowed(proc: ProcFs, pid: number, cause: unknown): ProcessError {
  const scope = proc.setting("kernel/yama/ptrace_scope") ?? "0";
  return new ProcessError(
    "permission-denied",
    pid,
    `No permission to attach to process ${pid}`,
    scope === "0" ? RIGHTS : YAMA[scope] ?? RIGHTS,
    { cause },
  );
}

const RIGHTS = "Run as the user of that process, or as root (CAP_SYS_PTRACE)";
/** By the value of `kernel.yama.ptrace_scope`. */
const YAMA: Readonly<Record<string, string>> = {
  "1":
    "This system (kernel.yama.ptrace_scope = 1) lets users attach to what they started alone: run as " +
    "root, start it with `softdirty record -- COMMAND`, or `sysctl kernel.yama.ptrace_scope=0`",
  "2": "This system (kernel.yama.ptrace_scope = 2) lets root alone attach (CAP_SYS_PTRACE)",
  "3": "This system (kernel.yama.ptrace_scope = 3) forbids attaching until the next boot",
};

/** What it means that PTRACE_SEIZE failed. */
export function seizeError(proc: ProcFs, pid: number, cause: unknown): unknown {
  if (failedWith(cause, "ESRCH")) {
    return new ProcessError("no-such-process", pid, `There is no process ${pid}`, "", { cause });
  }
  if (!failedWith(cause, "EPERM", "EACCES")) return cause;
  const tracer = Number(proc.statusField(pid, "TracerPid"));
  if (tracer !== 0) return tracedByAnother(pid, tracer);
  return endedError(proc, pid) ?? notAllowed(proc, pid, cause);
}

/** What it means for the caller that a step failed. */
export function attachError(proc: ProcFs, pid: number, cause: unknown): unknown {
  if (cause instanceof WaitError && cause.reason === "timeout") {
    return endedError(proc, pid) ?? notStopping(
      pid,
      `did not stop within ${STOP_TIMEOUT_MS} ms`,
      "It waits for a disk, for a child of vfork, or is frozen. Try again later",
      cause,
    );
  }
  return cause instanceof WaitError || failedWith(cause, "ESRCH") ? exited(pid, cause) : cause;
}

/** Set if its first thread has ended, whatever others do. */
function endedError(proc: ProcFs, pid: number): unknown {
  try {
    proc.stat(pid);
  } catch (error) {
    return error;
  }
}
