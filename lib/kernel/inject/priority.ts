/**
 * Puts a thread before all others for the milliseconds in which a target is stopped: ours, and the
 * one that the target lends us. Beside busy threads each would wait for its turn, again and again.
 *
 * @module
 */

import { getPriority, setPriority } from "node:os";
import { failedWith, systemCall } from "../system/libc.ts";
import type { Arch } from "./arch.ts";
import { scratch, WORD_AT } from "./ptrace_memory.ts";

/** The thread that calls. */
export const THIS_THREAD = 0;

/** SCHED_FIFO comes before all that has no priority of its own; its lowest priority is enough. */
const SCHED_FIFO = 1;
const LOWEST = 1;
const NO_PRIORITY = 0;
/** SCHED_OTHER, SCHED_BATCH and SCHED_IDLE; the others come first anyway. */
const ORDINARY: ReadonlySet<number> = new Set([0, 3, 5]);
/** SCHED_RESET_ON_FORK. */
const RESET_ON_FORK = 0x4000_0000;
const LEAST_NICE = -20;

/**
 * Puts a thread first. This needs CAP_SYS_NICE; without it nothing is changed.
 *
 * @returns puts it back to where it was
 */
export function putFirst(tid: number, { syscalls }: Arch): () => void {
  const setPolicy = (policy: number, priority: number) => {
    const { memory, view } = scratch();
    view.setInt32(WORD_AT, priority, true);
    const address = memory.address + WORD_AT;
    return systemCall("sched_setscheduler", syscalls.sched_setscheduler, tid, policy, address);
  };
  try {
    const policy = systemCall("sched_getscheduler", syscalls.sched_getscheduler, tid);
    if (!ORDINARY.has(policy & ~RESET_ON_FORK)) return () => {};
    setPolicy(SCHED_FIFO | (policy & RESET_ON_FORK), LOWEST);
    return () => ifThere(() => setPolicy(policy, NO_PRIORITY));
  } catch (error) {
    if (!failedWith(error, "EPERM", "ESRCH", "EINVAL", "ENOSYS")) throw error;
    return lessNice(tid); // as in a control group without a share of real time
  }
}

function lessNice(tid: number): () => void {
  try {
    const before = getPriority(tid);
    if (before === LEAST_NICE) return () => {};
    setPriority(tid, LEAST_NICE);
    return () => ifThere(() => setPriority(tid, before));
  } catch {
    return () => {};
  }
}

/** It may have ended meanwhile. */
function ifThere(action: () => void): void {
  try {
    action();
  } catch {
    // Then there is nothing to put back.
  }
}
