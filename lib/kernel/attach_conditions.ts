/**
 * Whether a process can be made to do a call, and why not.
 *
 * @module
 */

import { ProcessError } from "../core/errors.ts";
import { failedWith } from "./libc.ts";
import type { ProcessMemory, ProcFs } from "./proc_fs.ts";

/** How a process is filtered by seccomp(2), as `/proc/PID/status` numbers it. */
export const SECCOMP = { none: "0", strict: "1", filter: "2" } as const;

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
  if (proc.statusField(pid, "Seccomp") === SECCOMP.strict) {
    throw new ProcessError("cannot-attach", pid, `Process ${pid} may do no calls (strict seccomp)`);
  }
}

/** What it means that PTRACE_SEIZE failed. */
export function seizeError(proc: ProcFs, pid: number, cause: unknown): unknown {
  if (failedWith(cause, "ESRCH")) {
    return new ProcessError("no-such-process", pid, `There is no process ${pid}`, "", { cause });
  }
  if (!failedWith(cause, "EPERM", "EACCES")) return cause;
  const tracer = Number(proc.statusField(pid, "TracerPid"));
  if (tracer !== 0) return tracedByAnother(pid, tracer);
  return notAllowed(proc, pid, cause);
}

function notAllowed(proc: ProcFs, pid: number, cause: unknown): ProcessError {
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
  "3": "This system (kernel.yama.ptrace_scope = 3) lets nobody attach until it is booted anew",
};

function tracedByAnother(pid: number, tracer: number): ProcessError {
  return new ProcessError(
    "traced-by-another",
    pid,
    `Process ${pid} is traced by process ${tracer}, as by a debugger or strace`,
    "A process has one tracer at a time: end that one first",
  );
}
