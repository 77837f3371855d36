/**
 * A thread of another process, held by ptrace(2).
 *
 * @module
 */

import { HeldThread } from "./held_thread.ts";
import { failedWith, ptrace } from "../system/libc.ts";
import { sleepSync } from "../system/sleep_sync.ts";
import { scratch, WORD_AT } from "./ptrace_memory.ts";
import { pollStatus, type Stop, WAIT_STATUS } from "./wait_status.ts";

const SEIZE = 0x4206;
const INTERRUPT = 0x4207;
const CONT = 7;
const SYSCALL = 24;
const DETACH = 17;
const SETOPTIONS = 0x4200;
const GETEVENTMSG = 0x4201;

/** Marks stops at system calls, so that they differ from signals. */
export const TRACE_SYSGOOD = 1;
/** Holds a thread from its beginning that the tracee started and waits for (CLONE_VFORK). */
export const TRACE_VFORK = 1 << 2;
/** Lets the tracee do calls that its seccomp filter forbids; for CAP_SYS_ADMIN. */
export const SUSPEND_SECCOMP = 1 << 21;

/** How long a wait spins before it sleeps between its tries; a stop comes within microseconds. */
const SPIN_MS = 0.05;
/** How long it then sleeps. */
const NAP_MS = 0.05;

const LET_GO_INTERVAL_MS = 5;
const END_TIMEOUT_MS = 100;

/** Why a wait was given up. */
export class WaitError extends Error {
  readonly reason: "ended" | "timeout";

  constructor(reason: "ended" | "timeout") {
    super(reason === "ended" ? "The thread has ended" : "The thread does not stop");
    this.reason = reason;
  }
}

/** How to hold a thread. */
export interface TraceeOptions {
  /** A child of this process: how it ended is for the runtime to find out. */
  readonly isOwnChild?: boolean | undefined;
}

/** One thread. All calls must come from one thread of ours, and all but `wait` while it is stopped. */
export class Tracee extends HeldThread {
  readonly #isOwnChild: boolean;
  #state: "running" | "stopped" | "ended" = "running";

  private constructor(tid: number, options: TraceeOptions = {}) {
    super(tid);
    this.#isOwnChild = options.isOwnChild ?? false;
  }

  /** Attaches to a thread without stopping it. */
  static seize(tid: number, options?: TraceeOptions): Tracee {
    ptrace("SEIZE", SEIZE, tid);
    return new Tracee(tid, options);
  }

  /** A thread that was attached to because its parent has {@linkcode TRACE_VFORK}. */
  static born(tid: number): Tracee {
    return new Tracee(tid);
  }

  /** True while it is stopped for us. */
  get isStopped(): boolean {
    return this.#state === "stopped";
  }

  /** Asks it to stop; the stop is to be waited for. */
  interrupt(): void {
    ptrace("INTERRUPT", INTERRUPT, this.tid);
  }

  setOptions(options: number): void {
    ptrace("SETOPTIONS", SETOPTIONS, this.tid, 0, options);
  }

  /**
   * Waits for one of some stops, and lets it run on at others.
   *
   * @param goOn runs on, with the signal that it stopped for, or 0
   * @throws WaitError if it ends, or does not come to that stop in time
   */
  waitFor(
    wanted: ReadonlyArray<Stop["why"]>,
    timeoutMs: number,
    goOn = (signal: number) => this.resumeToCall(signal),
  ): Stop["why"] {
    const startMs = performance.now();
    for (;;) {
      const stop = this.#poll();
      const elapsedMs = performance.now() - startMs;
      if (stop === undefined) {
        if (elapsedMs > timeoutMs) throw new WaitError("timeout");
        // It may wait for our processor. To yield that is no help: on kernels from 6.6 each yield puts
        // off our own next turn by some milliseconds more, if no other thread is there to take it.
        if (elapsedMs >= SPIN_MS) sleepSync(NAP_MS);
      } else if (wanted.includes(stop.why)) return stop.why;
      else if (stop.why === "ended") throw new WaitError("ended");
      else goOn(stop.why === "signal" ? stop.signal : 0);
    }
  }

  /**
   * Detaches. If it is not stopped, as a thread that waits for a disk, that happens as soon as
   * it does: within some milliseconds, or at the next {@linkcode detachPending}.
   *
   * @param onGone called then
   */
  detach(onGone = () => {}): void {
    if (this.#state === "stopped" && !this.#detach(0)) this.#seeItsEnd();
    if (this.#state !== "running") return onGone();
    pendingTracees.set(this, onGone);
    const timer = setInterval(() => {
      detachPending();
      if (!pendingTracees.has(this)) clearInterval(timer);
    }, LET_GO_INTERVAL_MS);
    timer.unref(); // our end lets it go too
  }

  /** Detaches if it is stopped by now; false if it is not. */
  tryDetach(): boolean {
    const stop = this.#poll();
    if (stop === undefined) return false;
    return stop.why === "ended" || this.#detach(stop.why === "signal" ? stop.signal : 0);
  }

  /** It was killed. Until its end is seen, its parent does not learn of the end of the process. */
  #seeItsEnd(): void {
    try {
      this.waitFor(["ended"], END_TIMEOUT_MS);
    } catch (error) {
      if (!(error instanceof WaitError)) throw error;
    }
  }

  /** How it stands, if it stopped or ended since the last call. */
  #poll(): Stop | undefined {
    if (this.#state === "ended") return { why: "ended" };
    try {
      const news = pollStatus(this.tid, WAIT_STATUS.any);
      if (news?.why === "ended") {
        if (!this.#isOwnChild) pollStatus(this.tid, WAIT_STATUS.end);
        return this.#ended();
      }
      return news && this.#pollStop();
    } catch (error) {
      if (!failedWith(error, "ECHILD")) throw error;
      return this.#ended();
    }
  }

  #pollStop(): Stop | undefined {
    let stop: Stop | undefined;
    try {
      stop = pollStatus(this.tid, WAIT_STATUS.stop);
    } catch (error) {
      if (!failedWith(error, "ECHILD")) throw error;
    }
    if (stop !== undefined) this.#state = "stopped";
    return stop; // undefined if it was killed just now
  }

  #ended(): Stop {
    this.#state = "ended";
    return { why: "ended" };
  }

  /** Runs on, with a signal if it stopped for one. */
  resume(signal = 0): void {
    ptrace("CONT", CONT, this.tid, 0, signal);
    this.#state = "running";
  }

  /** Runs on until a system call begins or ends. */
  resumeToCall(signal = 0): void {
    ptrace("SYSCALL", SYSCALL, this.tid, 0, signal);
    this.#state = "running";
  }

  /** The id of the thread that it has just started. */
  newThread(): number {
    ptrace("GETEVENTMSG", GETEVENTMSG, this.tid, 0, scratch().memory.address + WORD_AT);
    return Number(scratch().view.getBigUint64(WORD_AT, true));
  }

  /** False if it was killed: then it is yet to end. */
  #detach(signal: number): boolean {
    try {
      ptrace("DETACH", DETACH, this.tid, 0, signal);
    } catch (error) {
      if (!failedWith(error, "ESRCH")) throw error;
      this.#state = "running";
      return false;
    }
    this.#state = "ended";
    return true;
  }
}

/** Tracees that were to be detached while they were not stopped. */
const pendingTracees = new Map<Tracee, () => void>();

/**
 * Detaches from what is stopped by now. A timer does it too, but not while this program is in a long
 * calculation.
 */
export function detachPending(): void {
  for (const [tracee, onGone] of pendingTracees) {
    if (!tracee.tryDetach()) continue;
    pendingTracees.delete(tracee);
    onGone();
  }
}
