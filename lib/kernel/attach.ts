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
 *   (clone(2) without CLONE_FILES) with a table of descriptors of its own, in which all signals are
 *   blocked, and whose code ends in exit(2). That thread makes the userfaultfd, we copy it out with
 *   pidfd_getfd(2), and when the thread is gone, so is the target's copy.
 * - **No lost signal.** Signals that come in between stay pending; one that arrives while we wait for
 *   the target to stop is handed on.
 *
 * @module
 */

import { ProcessError } from "../core/errors.ts";
import type { Vma } from "../core/vma.ts";
import { openToAttach, SECCOMP, seizeError } from "./attach_conditions.ts";
import { findCode, hasCode } from "./code_places.ts";
import { findStack, FRAME_ROOM_BYTES, type FramePlaces, framePlaces } from "./frame_places.ts";
import { closeDescriptor, failedWith, systemCall } from "./libc.ts";
import type { CodePlaces, Machine, ThreadState } from "./machine.ts";
import type { ProcessMemory, ProcFs } from "./proc_fs.ts";
import { USERFAULTFD_FLAGS } from "./userfaultfd.ts";
import { SUSPEND_SECCOMP, TRACE_CLONE, TRACE_SYSGOOD, Tracee, WaitError } from "./tracee.ts";

/** A descriptor of this process that stands for the address space of another. */
export interface Attachment {
  readonly userfaultfd: number;
  /** How long the target's first thread stood still. */
  readonly stoppedNs: number;
}

/** The steps in which a target is in our hands, in order; tests die at each. */
export const ATTACH_STEPS = [
  "seized",
  "stopped",
  "frames written",
  "leader sent",
  "leader signals blocked",
  "leader in clone",
  "helper born",
  "leader back",
  "helper sent",
  "helper has userfaultfd",
  "descriptor copied",
  "helper sent to exit",
  "helper gone",
  "leader signals restored",
  "leader restored",
] as const;

/** One of {@linkcode ATTACH_STEPS}. */
export type AttachStep = typeof ATTACH_STEPS[number];

/** How to attach. */
export interface AttachOptions {
  /** Called after each step. */
  readonly onStep?: (step: AttachStep) => void;
  /**
   * False has the helper thread share the table of descriptors, as kernels before 6.9 need: then a
   * descriptor is left behind if this program dies within some microseconds.
   */
  readonly hasOwnTable?: boolean;
}

const CLONE_VM = 0x100;
const CLONE_FS = 0x200;
const CLONE_FILES = 0x400;
const CLONE_SIGHAND = 0x800;
const CLONE_THREAD = 0x10000;
const CLONE_SYSVSEM = 0x40000;
const THREAD = CLONE_VM | CLONE_FS | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;

const PIDFD_OPEN = 434;
const PIDFD_GETFD = 438;
const PIDFD_THREAD = 0o200;

const ALL_SIGNALS = 0xffff_ffff_ffff_ffffn;
const ERESTARTNOINTR = -513;

/** A thread stops within microseconds, unless it waits for a disk or is frozen. */
const STOP_TIMEOUT_MS = 2000;
const ATTEMPTS = 5;

/**
 * Attaches to a process.
 *
 * @throws ProcessError if it cannot be done; the process is as it was.
 */
export function attach(
  proc: ProcFs,
  pid: number,
  machine: Machine,
  options: AttachOptions = {},
): Attachment {
  if (pid === process.pid) return { userfaultfd: makeOwn(machine), stoppedNs: 0 };
  const memory = openToAttach(proc, pid);
  try {
    const vmas = proc.maps(pid, proc.pageSizeBytes());
    const code = findCode(memory, vmas, machine, proc.pageSizeBytes());
    if (code === undefined) throw refused(pid, "has no code that returns from a signal handler");
    const attempt = { proc, pid, machine, memory, code, vmas, options };
    for (let i = 0; i < ATTEMPTS; i++) {
      const attachment = tryToAttach(attempt);
      if (attachment !== undefined) return attachment;
    }
    throw new ProcessError(
      "not-stopping",
      pid,
      `Process ${pid} was called away by signals at each of ${ATTEMPTS} tries to attach`,
      "Try again",
    );
  } catch (error) {
    throw attachError(pid, error);
  } finally {
    memory.close();
  }
}

/** Nobody can trace himself, and need not. */
function makeOwn(machine: Machine): number {
  return systemCall("userfaultfd", machine.calls.userfaultfd, USERFAULTFD_FLAGS);
}

interface Attempt {
  readonly proc: ProcFs;
  readonly pid: number;
  readonly machine: Machine;
  readonly memory: ProcessMemory;
  readonly code: CodePlaces;
  /** The mappings before the process stood still. */
  readonly vmas: readonly Vma[];
  readonly options: AttachOptions;
}

/** Undefined if the thread was called away by a signal just then. */
function tryToAttach(attempt: Attempt): Attachment | undefined {
  const { proc, pid, options: { onStep }, machine } = attempt;
  let leader: Tracee;
  try {
    leader = Tracee.seize(pid);
  } catch (cause) {
    throw seizeError(proc, pid, cause);
  }
  try {
    onStep?.("seized");
    leader.interrupt();
    // A signal that comes first is handed on; its handler does not get far.
    leader.waitFor(["stop"], STOP_TIMEOUT_MS, (signal) => leader.resume(signal));
    const startMs = performance.now();
    onStep?.("stopped");
    const state = leader.state(machine);
    assertUsable(attempt, leader, state);
    const places = writeFrames(attempt, state);
    onStep?.("frames written");
    const userfaultfd = sendLeader(attempt, leader, state, places);
    const stoppedNs = Math.round((performance.now() - startMs) * 1e6);
    return userfaultfd === undefined ? undefined : { userfaultfd, stoppedNs };
  } finally {
    leader.letGo();
  }
}

/** Refuses what shows only once the thread stands still. Nothing was changed yet. */
function assertUsable(attempt: Attempt, leader: Tracee, state: ThreadState): void {
  const { proc, pid, machine, memory, code } = attempt;
  if (state.registers.length !== machine.registerCount || !machine.is64Bit(state.registers)) {
    throw refused(pid, "runs 32-bit code");
  }
  if (leader.dispatchesCalls()) throw refused(pid, "has its system calls dispatched to itself");
  if (!hasCode(memory, code, machine)) {
    throw new ProcessError(
      "address-space-replaced",
      pid,
      `Process ${pid} replaced its address space (exec) just then`,
      "Try again",
    );
  }
  const isFiltered = proc.statusField(pid, "Seccomp") === SECCOMP.filter;
  try {
    leader.setOptions(TRACE_SYSGOOD | TRACE_CLONE | (isFiltered ? SUSPEND_SECCOMP : 0));
  } catch (cause) {
    if (!isFiltered) throw cause;
    throw new ProcessError(
      "cannot-attach",
      pid,
      `Process ${pid} has a seccomp filter, which may kill it for the call that attaching needs`,
      "Run as root (CAP_SYS_ADMIN), which can suspend the filter for that moment",
      { cause },
    );
  }
}

/** Lays both frames onto the stack. */
function writeFrames(attempt: Attempt, state: ThreadState): FramePlaces {
  const { proc, pid, machine, memory, code, vmas } = attempt;
  const stackPointer = Number(state.registers[machine.stackPointer]);
  const stack = findStack(proc, pid, vmas, stackPointer);
  if (stack === undefined) throw refused(pid, "has no mapping [stack] that a frame could lie on");
  const places = framePlaces(stack, stackPointer, machine.redZoneBytes);
  const registers = machine.restarted(state.registers);
  const exiting = machine.calling(registers, code, places.helper, machine.calls.exit, 0);
  const frames = [
    [places.leader, { ...state, registers }],
    [places.helper, { registers: exiting, signalMask: ALL_SIGNALS, extended: new Map() }],
  ] as const;
  for (const [address, frameState] of frames) {
    const frame = machine.frame(frameState, code, address);
    if (frame.length > FRAME_ROOM_BYTES || memory.write(frame, address) !== frame.length) {
      throw refused(pid, "has no room on its stack");
    }
  }
  return places;
}

/** Has the first thread start the helper. Undefined if it was called away before. */
function sendLeader(
  attempt: Attempt,
  leader: Tracee,
  state: ThreadState,
  places: FramePlaces,
): number | undefined {
  const { pid, machine, code, options: { onStep } } = attempt;
  const flags = THREAD | (hasOwnTable(attempt) ? 0 : CLONE_FILES);
  const { clone } = machine.calls;
  // From here on the thread restores itself, whatever becomes of us.
  leader.setRegisters(
    machine.calling(state.registers, code, places.leader, clone, flags, places.helper),
  );
  onStep?.("leader sent");
  try {
    leader.setSignalMask(ALL_SIGNALS);
    onStep?.("leader signals blocked");
    leader.resumeToCall();
    leader.waitFor(["call"], STOP_TIMEOUT_MS);
    onStep?.("leader in clone");
    leader.resumeToCall();
    if (leader.waitFor(["clone", "call"], STOP_TIMEOUT_MS) === "call") {
      const result = machine.result(leader.registers());
      if (result === ERESTARTNOINTR) return undefined;
      throw refused(pid, `can start no thread (error ${-result})`);
    }
    const helper = Tracee.born(leader.newThread());
    try {
      onStep?.("helper born");
      leader.resumeToCall();
      leader.waitFor(["call"], STOP_TIMEOUT_MS);
      onStep?.("leader back");
      return sendHelper(attempt, helper, places);
    } finally {
      helper.letGo();
    }
  } finally {
    if (leader.isStopped) {
      // In this order: until its registers are restored, the frame restores the rest.
      for (const [set, bytes] of machine.discarded(state.extended)) {
        leader.setRegisterSet(set, bytes);
      }
      leader.setSignalMask(state.signalMask);
      onStep?.("leader signals restored");
      leader.setRegisters(state.registers);
      onStep?.("leader restored");
    }
  }
}

/** Has the helper make the userfaultfd, copies it, and sees the helper off. */
function sendHelper(attempt: Attempt, helper: Tracee, places: FramePlaces): number {
  const { pid, machine, options: { onStep } } = attempt;
  helper.waitFor(["stop"], STOP_TIMEOUT_MS);
  const remote = call(
    attempt,
    helper,
    places,
    machine.calls.userfaultfd,
    [USERFAULTFD_FLAGS],
    () => {
      onStep?.("helper sent");
    },
  );
  onStep?.("helper has userfaultfd");
  if (remote < 0) throw refused(pid, `may make no userfaultfd (error ${-remote})`);
  const isOwn = hasOwnTable(attempt);
  const owner = systemCall(
    "pidfd_open",
    PIDFD_OPEN,
    isOwn ? helper.tid : pid,
    isOwn ? PIDFD_THREAD : 0,
  );
  let copy: number;
  try {
    copy = systemCall("pidfd_getfd", PIDFD_GETFD, owner, remote, 0);
  } finally {
    closeDescriptor(owner);
    if (!isOwn) call(attempt, helper, places, machine.calls.close, [remote]);
  }
  try {
    onStep?.("descriptor copied");
    helper.resume(); // to its frame, which makes it exit
    onStep?.("helper sent to exit");
    helper.waitFor(["ended"], STOP_TIMEOUT_MS);
    onStep?.("helper gone");
    return copy;
  } catch (error) {
    closeDescriptor(copy);
    throw error;
  }
}

/** One call by the helper. */
function call(
  { machine, code }: Attempt,
  helper: Tracee,
  places: FramePlaces,
  number: number,
  parameters: readonly number[],
  onSent?: () => void,
): number {
  const registers = helper.registers();
  helper.setRegisters(machine.calling(registers, code, places.helper, number, ...parameters));
  onSent?.();
  for (const _ of ["begin", "end"]) {
    helper.resumeToCall();
    helper.waitFor(["call"], STOP_TIMEOUT_MS);
  }
  return machine.result(helper.registers());
}

function hasOwnTable({ options }: Attempt): boolean {
  return options.hasOwnTable ?? canOpenThreads();
}

let canOpen: boolean | undefined;

/** Whether pidfd_open(2) takes single threads, as since 6.9. */
function canOpenThreads(): boolean {
  if (canOpen !== undefined) return canOpen;
  try {
    closeDescriptor(systemCall("pidfd_open", PIDFD_OPEN, process.pid, PIDFD_THREAD));
    return canOpen = true;
  } catch {
    return canOpen = false;
  }
}

function refused(pid: number, reason: string): ProcessError {
  return new ProcessError(
    "cannot-attach",
    pid,
    `Process ${pid} ${reason}`,
    "Where the kernel has it, use --tracker soft-dirty",
  );
}

/** What it means for the caller that a step failed. */
function attachError(pid: number, cause: unknown): unknown {
  if (cause instanceof WaitError && cause.reason === "timeout") {
    return new ProcessError(
      "not-stopping",
      pid,
      `Process ${pid} did not stop within ${STOP_TIMEOUT_MS} ms`,
      "It waits for a disk or is frozen; nothing was changed. Try again later",
      { cause },
    );
  }
  if (cause instanceof WaitError || failedWith(cause, "ESRCH")) {
    return new ProcessError("process-exited", pid, `Process ${pid} has exited`, "", { cause });
  }
  return cause;
}
