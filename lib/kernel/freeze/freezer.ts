/**
 * Stops a process for a moment, so that what is read and cleared in that moment loses
 * nothing: with the freezer of its control group where it has one of its own, and with SIGSTOP and
 * SIGCONT where not. A process that is stopped already is left as it is.
 *
 * @module
 */

import { ProcessError } from "../../core/errors.ts";
import type { Brake } from "./brake.ts";
import { Cgroup, cgroupMount } from "../proc/cgroup_fs.ts";
import { waitUntilSync } from "../system/sleep_sync.ts";
import type { ProcFs } from "../proc/proc_fs.ts";
import { signalBrake } from "./signal_brake.ts";
import type { MonotonicClock } from "../../core/tracker.ts";
import { TerminalStop } from "./terminal_stop.ts";
import { HoldGuard } from "./hold_guard.ts";

/** A thread stops at once, unless it waits for a disk. */
const STOP_TIMEOUT_MS = 2000;

/** What came of an action while a process was stopped. */
export interface Frozen<T> {
  readonly result: T;
  readonly isHeld: boolean;
  readonly stoppedNs: number;
}

/** Stops processes, and resumes them. */
export class Freezer {
  readonly #proc: ProcFs;
  readonly #nowNs: MonotonicClock;
  readonly #brakes = new Map<number, Brake>();
  #terminalStop: TerminalStop | undefined;

  constructor(proc: ProcFs, nowNs: MonotonicClock) {
    this.#proc = proc;
    this.#nowNs = nowNs;
  }

  /**
   * Does something while a process is stopped.
   *
   * @returns also whether it was stopped all the time, which another program can undo, and for how long
   * we stopped it
   * @throws ProcessError if it does not stop; then it continues.
   */
  during<T>(pid: number, action: () => T): Frozen<T> {
    const brake = this.#brake(pid);
    const isOurs = !brake.isStopRequested();
    const startNs = this.#nowNs();
    if (isOurs) ask(brake);
    let result: T;
    let isHeld: boolean;
    let isReleased = false;
    try {
      if (!waitUntilSync(() => brake.isStopped(), STOP_TIMEOUT_MS)) throw notStopping(pid);
      result = action();
      // While this program was suspended, the guard resumed the target.
      isReleased = isOurs && brake.guard.hasActed();
      isHeld = !isReleased && brake.isStopped();
    } finally {
      if (isOurs) resume(brake, isReleased);
    }
    return { result, isHeld, stoppedNs: isOurs ? this.#nowNs() - startNs : 0 };
  }

  /** Gives up what is held for a process, or for all. */
  release(pid?: number): void {
    for (const [key, { guard }] of this.#brakes) {
      if (pid !== undefined && key !== pid) continue;
      guard.close();
      this.#brakes.delete(key);
    }
    if (this.#brakes.size > 0) return;
    this.#terminalStop?.close();
    this.#terminalStop = undefined;
  }

  #brake(pid: number): Brake {
    if (pid === process.pid) {
      throw new ProcessError("cannot-freeze", pid, `Process ${pid} cannot stop and resume itself`);
    }
    const brake = this.#brakes.get(pid) ?? cgroupBrake(this.#proc, pid) ??
      signalBrake(this.#proc, pid);
    this.#brakes.set(pid, brake);
    this.#terminalStop ??= new TerminalStop();
    return brake;
  }
}

function ask(brake: Brake): void {
  for (;;) {
    brake.guard.holding();
    try {
      brake.stop();
    } catch (cause) {
      resume(brake);
      throw cause;
    }
    if (!brake.guard.hasActed()) return;
    // The guard acts once. This program was suspended, maybe before the stop: then it had no effect.
    resume(brake);
  }
}

function resume(brake: Brake, isReleased = false): void {
  if (!isReleased) brake.resume();
  brake.guard.goesOn();
}

function notStopping(pid: number): ProcessError {
  return new ProcessError(
    "not-stopping",
    pid,
    `Process ${pid} did not stop within ${STOP_TIMEOUT_MS} ms`,
    "It waits for a disk, and continues as before. Try again later, or without --freeze",
  );
}

/** The group's freezer, if this process is all that is in its group, and this user may use it. */
function cgroupBrake(proc: ProcFs, pid: number): Brake | undefined {
  const group = ownCgroup(proc, pid);
  if (group === undefined) return undefined;
  return {
    guard: new HoldGuard("release the target", ["/bin/sh", "-c", 'echo 0 >"$0"', group.freezeFile]),
    isStopRequested: () => group.isAskedToFreeze,
    isStopped: () => group.isFrozen,
    stop: () => group.setFrozen(true),
    resume: () => group.setFrozen(false),
  };
}

function ownCgroup(proc: ProcFs, pid: number): Cgroup | undefined {
  const mount = cgroupMount(proc.mountinfo());
  const path = proc.cgroupPath(pid);
  if (mount === undefined || path === undefined || path === "/") return undefined;
  const group = new Cgroup(`${mount}${path}`);
  try {
    if (group.pids.join() !== String(pid)) return undefined;
    group.setFrozen(group.isAskedToFreeze); // shows whether we may
    return group;
  } catch {
    return undefined; // no such group where we are, or it is not ours to freeze
  }
}
