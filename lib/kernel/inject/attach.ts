/**
 * Has a process that knows nothing of it make one userfaultfd(2), and gets a copy of the descriptor.
 *
 * A userfaultfd belongs to the address space of the thread that makes it, so a thread of the target
 * must make the call. What makes this safe for the target:
 *
 * - **It restores itself.** Before its registers change, a signal frame with all that the thread has
 *   (registers, floating point, signal mask) lies on its stack, and the code it is sent to ends in
 *   rt_sigreturn(2). If this program dies at any moment, the kernel lets the target go, and the target
 *   restores itself. In the usual case we restore it, and the frame is not used.
 * - **No stray descriptor.** The first thread does not make the userfaultfd. It starts a helper thread
 *   (clone(2) without CLONE_FILES) with a table of descriptors of its own, and waits for it. That
 *   thread makes the userfaultfd, we copy it out with pidfd_getfd(2), and when the thread is gone, so
 *   is the target's copy.
 * - **No lost signal.** Signals that come in between stay pending; one that arrives while we wait for
 *   the target to stop is handed on.
 *
 * - **No filter that harms.** The seccomp filters of the target are read before anything is changed,
 *   and it is refused if one would kill it for a call that it does for us, or would keep it from
 *   restoring itself. Filters that only forbid userfaultfd(2) are suspended meanwhile; if this program
 *   dies, the call fails.
 *
 * What remains, for some microseconds and only if this program dies within them: a call with a timeout
 * begins with all of it again; if the first thread stands in a handler on an alternate stack, another
 * signal on that stack may come upon it; and a filter that another thread of the target gives to all
 * threads just then (SECCOMP_FILTER_FLAG_TSYNC) was not read. A filter that does not let
 * restart_syscall(2) pass harms a target that is stopped while it waits with a timeout, as SIGSTOP
 * would: if this program dies before it has read it, and on arm64 if the target is refused.
 *
 * @module
 */

import { assertUsable, openToAttach } from "./attach_conditions.ts";
import {
  attachError,
  seizeError,
  stillLoading,
  STOP_TIMEOUT_MS,
  withoutCode,
} from "./attach_errors.ts";
import { type AttachStep, injectStopped, type Target } from "./attach_sequence.ts";
import { findCode, hasCode } from "./code_addresses.ts";
import { findAddresses, stackIn } from "./frame_addresses.ts";
import { beginHold } from "./guarded_hold.ts";
import { canOpenThreads } from "./helper_thread.ts";
import { failedWith } from "../system/libc.ts";
import { type Arch, blankState } from "./arch.ts";
import type { ProcessMemory } from "../proc/proc_files.ts";
import type { ProcFs } from "../proc/proc_fs.ts";
import { sleepSync } from "../system/sleep_sync.ts";
import { putFirst, THIS_THREAD } from "./priority.ts";
import type { ProcessStat } from "../proc/stat.ts";
import { detachPending, Tracee } from "./tracee.ts";
import { ownUserfaultfd } from "./userfaultfd.ts";

/** A descriptor of this process that stands for the address space of another. */
export interface Attachment {
  readonly userfaultfd: number;
  /** How long the target's first thread was stopped. */
  readonly stoppedNs: number;
}

/** How to attach. */
export interface AttachOptions {
  /** Called after each step. */
  readonly onStep?: ((step: AttachStep) => void) | undefined;
  /**
   * False has the helper thread share the table of descriptors, as kernels before 6.9 need: then a
   * descriptor is left behind if this program dies within some microseconds.
   */
  readonly hasOwnTable?: boolean | undefined;
}

const SEIZE_ATTEMPTS = 5;
const LOAD_INTERVAL_MS = 1;
/** Other processes wait for it too, where several are tracked. */
const LOAD_TIMEOUT_MS = 500;

/**
 * Attaches to a process.
 *
 * @throws ProcessError if it cannot be done; the process is as it was.
 */
export function attach(
  proc: ProcFs,
  pid: number,
  arch: Arch,
  options: AttachOptions = {},
): Attachment {
  // A process cannot trace itself, and need not.
  if (pid === process.pid) return { userfaultfd: ownUserfaultfd(arch), stoppedNs: 0 };
  detachPending();
  try {
    return attachTo(untilLoaded(proc, pid, () => lookAt(proc, pid, arch, options)));
  } catch (error) {
    throw attachError(proc, pid, error);
  }
}

/**
 * A program that has just been started has no C library for some milliseconds. One that needs none is
 * whole from the beginning.
 */
function untilLoaded(proc: ProcFs, pid: number, look: () => Target | undefined): Target {
  const startMs = performance.now();
  const first = proc.mapsDigest(pid);
  do {
    const maps = proc.mapsDigest(pid);
    const target = look();
    if (target !== undefined) return target;
    const isStatic = proc.programKind(pid)?.isStatic;
    // Else it executed another program meanwhile.
    if (isStatic && proc.mapsDigest(pid) === maps) throw withoutCode(pid, true);
    sleepSync(LOAD_INTERVAL_MS);
  } while (performance.now() - startMs < LOAD_TIMEOUT_MS);
  const isLoading = proc.mapsDigest(pid) !== first || isHeld(proc.stat(pid));
  throw isLoading ? stillLoading(pid) : withoutCode(pid, false);
}

/** True if it is stopped, and so can be anywhere in its beginning. */
function isHeld({ state }: ProcessStat): boolean {
  return state === "T" || state === "t";
}

/**
 * Finds out whether a process can be attached to, as far as that shows before its thread is sent
 * anywhere. One with a seccomp filter is stopped for that, for a millisecond or two: only so
 * can its filter be read. Others are only looked at.
 *
 * @throws ProcessError as {@linkcode attach} would.
 */
export function assertAttachable(proc: ProcFs, pid: number, arch: Arch): void {
  if (pid === process.pid) return;
  detachPending();
  try {
    const target = untilLoaded(proc, pid, () => lookAt(proc, pid, arch, {}));
    if (proc.statusField(pid, "Seccomp") === "0") return;
    withStopped(target, (leader, memory) => {
      const { registers } = leader.state(arch);
      assertUsable({ ...target, leader, registers, memory });
    });
  } catch (error) {
    throw attachError(proc, pid, error);
  }
}

/** Does before the stop what can be done before. Undefined without the code that is needed. */
function lookAt(
  proc: ProcFs,
  pid: number,
  arch: Arch,
  options: AttachOptions,
): Target | undefined {
  const memory = openToAttach(proc, pid);
  try {
    const pageSizeBytes = proc.pageSizeBytes();
    const vmas = proc.maps(pid, pageSizeBytes);
    const code = findCode(memory, vmas, arch, pageSizeBytes);
    if (code === undefined) return undefined;
    const stack = stackIn(vmas, pageSizeBytes);
    const hasOwnTable = options.hasOwnTable ?? canOpenThreads();
    const onStep = options.onStep ?? (() => {});
    const waitChannel = proc.waitChannel(pid);
    const target = { proc, pid, arch, code, stack, waitChannel, hasOwnTable, onStep };
    warmUp(target, memory);
    return target;
  } finally {
    memory.close();
  }
}

/**
 * Does what changes nothing once before the stop. A program that has just begun runs each of its
 * functions slowly the first time, and the target must not be stopped for that.
 */
function warmUp({ proc, pid, arch, code, stack }: Target, memory: ProcessMemory): void {
  const state = blankState(arch);
  const { length } = arch.frame(state, code, 0);
  arch.syscallRegisters(state.registers, code, 0, arch.syscalls.exit, 0);
  arch.sigreturnRegisters(state.registers, code, 0);
  hasCode(memory, code, arch);
  findAddresses(proc, pid, memory, stack, 0, { leader: length, helper: length });
}

function attachTo(target: Target): Attachment {
  return withStopped(target, (leader, memory, startMs) => {
    const userfaultfd = injectStopped(target, leader, memory);
    return { userfaultfd, stoppedNs: Math.round((performance.now() - startMs) * 1e6) };
  });
}

/** Does something while the thread by which a process is attached to is stopped. */
function withStopped<T>(
  target: Target,
  action: (leader: Tracee, memory: ProcessMemory, startMs: number) => T,
): T {
  const { proc, pid, arch, onStep } = target;
  const endHold = beginHold();
  const putBack = putFirst(THIS_THREAD, arch);
  let leader: Tracee | undefined;
  let memory: ProcessMemory | undefined;
  try {
    leader = seize(target);
    onStep("seized");
    leader.interrupt();
    // A signal that comes first is handed on; its handler does not get far.
    leader.waitFor(["stop"], STOP_TIMEOUT_MS, (signal) => leader!.resume(signal));
    const startMs = performance.now();
    onStep("stopped");
    memory = proc.openMemory(pid); // of the program that it runs now
    return action(leader, memory, startMs);
  } finally {
    if (leader === undefined) endHold();
    else leader.detach(endHold);
    putBack();
    memory?.close();
  }
}

/** Tries again if another tracer was there a moment ago. */
function seize({ proc, pid }: Target): Tracee {
  proc.stat(pid);
  const tid = proc.threadOf(pid);
  const isOwnChild = tid === pid && Number(proc.statusField(pid, "PPid")) === process.pid;
  for (let i = 1;; i++) {
    try {
      return Tracee.seize(tid, { isOwnChild });
    } catch (cause) {
      if (i < SEIZE_ATTEMPTS && failedWith(cause, "EPERM")) continue;
      throw seizeError(proc, pid, cause);
    }
  }
}
