/**
 * The thread of a target that makes the userfaultfd.
 *
 * It shares the target's memory, but has a table of descriptors of its own, all signals blocked, and a
 * frame that makes it exit should we die. The first thread waits in clone(2) until it is gone
 * (CLONE_VFORK), so even then the memory is unused in which that frame lies.
 *
 * @module
 */

import { notStopping, refused, STOP_TIMEOUT_MS } from "./attach_errors.ts";
import type { FrameAddresses } from "./frame_addresses.ts";
import { closeDescriptor, systemCall } from "../system/libc.ts";
import type { Arch, CodeAddresses, Registers } from "./arch.ts";
import { putFirst } from "./priority.ts";
import { Tracee } from "./tracee.ts";
import { USERFAULTFD_FLAGS } from "./userfaultfd.ts";

const CLONE_VM = 0x100;
const CLONE_FILES = 0x400;
const CLONE_SIGHAND = 0x800;
const CLONE_VFORK = 0x4000;
const CLONE_THREAD = 0x10000;

const PIDFD_OPEN = 434;
const PIDFD_GETFD = 438;
const PIDFD_THREAD = 0o200;

const ERESTARTNOINTR = -513;
/** How long the first thread tries, which is stopped meanwhile. */
const BIRTH_TIMEOUT_MS = 250;

/** What a helper needs to know of its target. */
export interface HelperPlan {
  readonly pid: number;
  readonly arch: Arch;
  readonly code: CodeAddresses;
  readonly places: FrameAddresses;
  /** See `AttachOptions.hasOwnTable`. */
  readonly hasOwnTable: boolean;
}

/** The flags of clone(2). */
export function helperFlags(hasOwnTable: boolean): number {
  const thread = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD | CLONE_VFORK;
  return thread | (hasOwnTable ? 0 : CLONE_FILES);
}

/** Registers with which the first thread starts the helper. */
export function startingHelper(plan: HelperPlan, registers: Registers): Registers {
  const { arch, code, places, hasOwnTable } = plan;
  const flags = helperFlags(hasOwnTable);
  return arch.syscallRegisters(
    registers,
    code,
    places.leader,
    arch.syscalls.clone,
    flags,
    places.helper,
  );
}

/**
 * Waits for the helper to be born. Its parent then is stopped within clone(2).
 *
 * @returns why there is none, with the parent at the end of clone(2)
 */
export function awaitClone(plan: HelperPlan, leader: Tracee, onCall: () => void): Tracee | Error {
  const { pid, arch } = plan;
  const startMs = performance.now();
  while (performance.now() - startMs < BIRTH_TIMEOUT_MS) {
    leader.resumeToCall();
    leader.waitFor(["call"], STOP_TIMEOUT_MS);
    onCall();
    leader.resumeToCall();
    if (leader.waitFor(["clone", "call"], STOP_TIMEOUT_MS) === "clone") {
      return Tracee.born(leader.newThread());
    }
    const result = arch.syscallResult(leader.registers());
    if (result !== ERESTARTNOINTR) return refused(pid, `can start no thread (error ${-result})`);
    // SIGSTOP came first, which cannot be blocked, or SIGCONT; the kernel begins the call again.
  }
  const what = "was stopped and continued all the time, so that it could start no thread";
  return notStopping(pid, what, "Try again");
}

/** Has the helper make the userfaultfd; a copy of it is ours. */
export function makeUserfaultfd(
  plan: HelperPlan,
  helper: Tracee,
  onStep: (step: "helper sent" | "helper has userfaultfd") => void,
): number {
  const { pid, arch, arch: { syscalls } } = plan;
  putFirst(helper.tid, arch); // the first thread is stopped until it is gone
  helper.waitFor(["stop"], STOP_TIMEOUT_MS);
  send(plan, helper, syscalls.userfaultfd, USERFAULTFD_FLAGS);
  onStep("helper sent");
  const remote = finish(plan, helper);
  onStep("helper has userfaultfd");
  if (remote < 0) throw refused(pid, `is not allowed to create a userfaultfd (error ${-remote})`);
  try {
    return copyDescriptor(plan, helper, remote);
  } finally {
    if (!plan.hasOwnTable) {
      send(plan, helper, syscalls.close, remote);
      finish(plan, helper);
    }
  }
}

function copyDescriptor({ pid, hasOwnTable }: HelperPlan, helper: Tracee, remote: number): number {
  const owner = hasOwnTable
    ? systemCall("pidfd_open", PIDFD_OPEN, helper.tid, PIDFD_THREAD)
    : systemCall("pidfd_open", PIDFD_OPEN, pid, 0);
  try {
    return systemCall("pidfd_getfd", PIDFD_GETFD, owner, remote, 0);
  } finally {
    closeDescriptor(owner);
  }
}

function send(
  { arch, code, places }: HelperPlan,
  helper: Tracee,
  call: number,
  parameter: number,
): void {
  const registers = helper.registers();
  helper.setRegisters(arch.syscallRegisters(registers, code, places.helper, call, parameter));
}

/** Waits for the end of the call that it was sent to. */
function finish({ arch }: HelperPlan, helper: Tracee): number {
  for (const _ of ["begin", "end"]) {
    helper.resumeToCall();
    helper.waitFor(["call"], STOP_TIMEOUT_MS);
  }
  return arch.syscallResult(helper.registers());
}

let canOpen: boolean | undefined;

/** Whether pidfd_open(2) takes single threads, as since 6.9. */
export function canOpenThreads(): boolean {
  if (canOpen !== undefined) return canOpen;
  try {
    closeDescriptor(systemCall("pidfd_open", PIDFD_OPEN, process.pid, PIDFD_THREAD));
    return canOpen = true;
  } catch {
    return canOpen = false;
  }
}
