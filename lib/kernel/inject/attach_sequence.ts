/**
 * What is done to a target while its first thread is stopped, step by step.
 *
 * @module
 */

import { assertUsable } from "./attach_conditions.ts";
import { refused, STOP_TIMEOUT_MS } from "./attach_errors.ts";
import {
  clearFrames,
  findAddresses,
  type FrameAddresses,
  type StackView,
  writeFrames,
} from "./frame_addresses.ts";
import { awaitClone, type HelperPlan, makeUserfaultfd, startingHelper } from "./helper_thread.ts";
import { closeDescriptor } from "../system/libc.ts";
import {
  type Arch,
  type CallHints,
  CODE_BEFORE_BYTES,
  type CodeAddresses,
  type ThreadState,
} from "./arch.ts";
import type { ProcessMemory } from "../proc/proc_files.ts";
import type { ProcFs } from "../proc/proc_fs.ts";
import { resumedAt } from "./restartable_sequence.ts";
import type { Tracee } from "./tracee.ts";

/** The steps in which a target is in our hands, in order; tests die at each. */
export const ATTACH_STEPS = [
  "seized",
  "stopped",
  "frames written",
  "leader sent",
  "leader signals blocked",
  "leader sent to clone",
  "leader in clone",
  "helper born",
  "helper sent",
  "helper has userfaultfd",
  "descriptor copied",
  "helper sent to exit",
  "helper gone",
  "leader back",
  "leader signals restored",
  "leader restored",
] as const;

/** One of {@linkcode ATTACH_STEPS}. */
export type AttachStep = typeof ATTACH_STEPS[number];

const ALL_SIGNALS = 0xffff_ffff_ffff_ffffn;

/** What is known of a target before it is touched. */
export interface Target {
  readonly proc: ProcFs;
  readonly pid: number;
  readonly arch: Arch;
  readonly code: CodeAddresses;
  readonly stack: StackView | undefined;
  /** Where its first thread waited in the kernel. */
  readonly waitChannel: string;
  readonly hasOwnTable: boolean;
  readonly onStep: (step: AttachStep) => void;
}

/** Has a stopped thread's process make a userfaultfd, and restores it; a copy of that is ours. */
export function injectStopped(target: Target, leader: Tracee, memory: ProcessMemory): number {
  const state = stateOf(target, leader, memory);
  assertUsable({ ...target, leader, registers: state.registers, memory });
  const places = layFrames(target, memory, state);
  target.onStep("frames written");
  return injectUserfaultfd({ ...target, places, memory }, leader, state);
}

/** What the thread continues with. */
function stateOf({ arch }: Target, leader: Tracee, memory: ProcessMemory): ThreadState {
  const state = leader.state(arch);
  const { registers } = state;
  const { programCounter } = arch;
  const area = leader.restartableSequences();
  registers[programCounter] = resumedAt(memory, area, registers[programCounter]);
  return state;
}

function layFrames(target: Target, memory: ProcessMemory, state: ThreadState): FrameAddresses {
  const { proc, pid, arch, code, stack } = target;
  const inUse = Number(state.registers[arch.stackPointer]) - arch.redZoneBytes;
  const registers = arch.restarted(state.registers, callHints(target, memory, state));
  const leaderAt = (address: number) => arch.frame({ ...state, registers }, code, address);
  const helperAt = (address: number) => {
    const exiting = arch.syscallRegisters(registers, code, address, arch.syscalls.exit, 0);
    const helperState = { registers: exiting, signalMask: ALL_SIGNALS, extended: new Map() };
    return arch.frame(helperState, code, address);
  };
  const sizes = { leader: leaderAt(0).length, helper: helperAt(0).length };
  const places = findAddresses(proc, pid, memory, stack, inUse, sizes);
  if (places === undefined) throw refused(pid, "has no stack with room for a frame");
  const leader = leaderAt(places.leader);
  const helper = helperAt(places.helper);
  if (!writeFrames(memory, places, { leader, helper })) {
    throw refused(pid, "has no room on its stack");
  }
  return places;
}

function callHints(
  { arch, waitChannel }: Target,
  memory: ProcessMemory,
  { registers }: ThreadState,
): CallHints | undefined {
  if (!arch.hasRestartCall(registers)) return undefined;
  const codeBefore = new Uint8Array(CODE_BEFORE_BYTES);
  memory.read(codeBefore, Number(registers[arch.programCounter]) - CODE_BEFORE_BYTES);
  return { codeBefore, waitChannel };
}

interface Plan extends Target, HelperPlan {
  readonly memory: ProcessMemory;
}

/** Has the first thread start the helper, and restores it. */
function injectUserfaultfd(plan: Plan, leader: Tracee, state: ThreadState): number {
  const { arch, code, places, onStep } = plan;
  // From here on the thread restores itself, whatever becomes of us. Until its signals are blocked it
  // does nothing else: a handler might use as much of the stack as it likes.
  leader.setRegisters(arch.sigreturnRegisters(state.registers, code, places.leader));
  onStep("leader sent");
  leader.setSignalMask(ALL_SIGNALS);
  onStep("leader signals blocked");
  leader.setRegisters(startingHelper(plan, state.registers));
  onStep("leader sent to clone");
  const helper = awaitClone(plan, leader, () => onStep("leader in clone"));
  if (helper instanceof Error) {
    restore(plan, leader, state);
    throw helper;
  }
  let userfaultfd: number | undefined;
  try {
    onStep("helper born");
    userfaultfd = runHelper(plan, helper);
    return userfaultfd;
  } finally {
    resumeLeader(plan, leader, state, userfaultfd);
  }
}

function runHelper(plan: Plan, helper: Tracee): number {
  const { onStep } = plan;
  let userfaultfd: number | undefined;
  try {
    userfaultfd = makeUserfaultfd(plan, helper, onStep);
    onStep("descriptor copied");
    helper.resume(); // to its frame, which makes it exit
    onStep("helper sent to exit");
    helper.waitFor(["ended"], STOP_TIMEOUT_MS);
    onStep("helper gone");
    return userfaultfd;
  } catch (error) {
    if (userfaultfd !== undefined) closeDescriptor(userfaultfd);
    throw error;
  } finally {
    helper.detach();
  }
}

/** The first thread comes back from clone(2) when the helper is gone. */
function resumeLeader(
  plan: Plan,
  leader: Tracee,
  state: ThreadState,
  userfaultfd: number | undefined,
): void {
  try {
    leader.resumeToCall();
    leader.waitFor(["call"], STOP_TIMEOUT_MS);
    plan.onStep("leader back");
    restore(plan, leader, state);
  } catch (error) {
    if (userfaultfd !== undefined) closeDescriptor(userfaultfd);
    throw error;
  }
}

function restore(plan: Plan, leader: Tracee, state: ThreadState): void {
  const { arch, memory, places, onStep } = plan;
  // In this order: until its registers are restored, the frame restores the rest.
  for (const [set, bytes] of arch.discarded(state.extended)) leader.setRegisterSet(set, bytes);
  leader.setSignalMask(state.signalMask);
  onStep("leader signals restored");
  leader.setRegisters(state.registers);
  onStep("leader restored");
  clearFrames(memory, places);
}
