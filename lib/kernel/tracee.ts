/**
 * A thread of another process, held by ptrace(2).
 *
 * @module
 */

import type { Machine, Registers, ThreadState } from "./machine.ts";
import {
  failedWith,
  mapAnonymous,
  type OwnMapping,
  ptrace,
  waitid,
  yieldProcessor,
} from "./libc.ts";

const SEIZE = 0x4206;
const INTERRUPT = 0x4207;
const CONT = 7;
const SYSCALL = 24;
const DETACH = 17;
const SETOPTIONS = 0x4200;
const GETEVENTMSG = 0x4201;
const GETREGSET = 0x4204;
const SETREGSET = 0x4205;
const GETSIGMASK = 0x420a;
const SETSIGMASK = 0x420b;
const SECCOMP_GET_FILTER = 0x420c;
const GET_RSEQ_CONFIGURATION = 0x420f;
const GET_SYSCALL_USER_DISPATCH_CONFIG = 0x4211;

const NT_PRSTATUS = 1;
const WNOHANG = 1;
const WSTOPPED = 2;
const WEXITED = 4;
/** Leaves what was found to be found again. */
const WNOWAIT = 0x0100_0000;
const WALL = 0x4000_0000;
/** SIGTRAP, marked by {@linkcode TRACE_SYSGOOD}. */
const CALL_STOP = 5 | 0x80;
const EVENT_VFORK = 2;
const EVENT_STOP = 128;

/** Makes stops at system calls tell themselves from signals. */
export const TRACE_SYSGOOD = 1;
/** Holds a thread from its beginning that the tracee started and waits for (CLONE_VFORK). */
export const TRACE_VFORK = 1 << 2;
/** Lets the tracee do calls that its seccomp filter forbids; for CAP_SYS_ADMIN. */
export const SUSPEND_SECCOMP = 1 << 21;

/** Why a tracee stands still, or no longer is one. */
export type Stop =
  | { readonly why: "call" | "clone" }
  /** PTRACE_INTERRUPT, a group-stop, or the start of a new thread. */
  | { readonly why: "stop" }
  | { readonly why: "signal"; readonly signal: number }
  | { readonly why: "ended" };

/** `si_code`s of ends, in a `siginfo_t`. */
const ENDINGS = [1, 2, 3];
const SI_CODE_AT = 8;
const SI_PID_AT = 16;
const SI_STATUS_AT = 24;

/** Of the scratch memory: two words, an iovec, and the register set that it points to. */
const WORD_AT = 0;
const IOVEC_AT = 16;
const SET_AT = 64;
const SCRATCH_BYTES = 1 << 17;

/** How long a wait spins before it sleeps between its tries; most stops come within microseconds. */
const SPIN_MS = 1;
const NAP_MS = 0.2;
const LET_GO_INTERVAL_MS = 5;
const END_TIMEOUT_MS = 100;
const napper = new Int32Array(new SharedArrayBuffer(4));

/** Sleeps. */
export function nap(milliseconds: number): void {
  Atomics.wait(napper, 0, 0, milliseconds);
}

/** Why a wait was given up. */
export class WaitError extends Error {
  readonly reason: "ended" | "timeout";

  constructor(reason: "ended" | "timeout") {
    super(reason === "ended" ? "The thread has ended" : "The thread does not stop");
    this.reason = reason;
  }
}

interface Scratch {
  readonly memory: OwnMapping;
  readonly view: DataView;
}

let shared: Scratch | undefined;

/** Structs for calls of ptrace. Every call fills and reads it at once, so one serves all tracees. */
function scratch(): Scratch {
  if (shared !== undefined) return shared;
  const memory = mapAnonymous(SCRATCH_BYTES);
  return shared = { memory, view: new DataView(memory.bytes.buffer, memory.bytes.byteOffset) };
}

/** How to hold a thread. */
export interface TraceeOptions {
  /** A child of this process: how it ended is for the runtime to find out. */
  readonly isOwnChild?: boolean;
}

/** One thread. All calls must come from one thread of ours, and all but `wait` while it stands still. */
export class Tracee {
  readonly tid: number;
  readonly #isOwnChild: boolean;
  #state: "running" | "stopped" | "ended" = "running";

  private constructor(tid: number, options: TraceeOptions = {}) {
    this.tid = tid;
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

  /** True while it stands still for us. */
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
        // The thread that is waited for may wait for our processor.
        if (elapsedMs < SPIN_MS) yieldProcessor();
        else nap(NAP_MS);
      } else if (wanted.includes(stop.why)) return stop.why;
      else if (stop.why === "ended") throw new WaitError("ended");
      else goOn(stop.why === "signal" ? stop.signal : 0);
    }
  }

  /**
   * Lets it go. If it does not stand still, as a thread that waits for a disk, that happens as soon as
   * it does: within some milliseconds, or at the next {@linkcode letGoLate}.
   */
  letGo(): void {
    if (this.#state === "stopped" && !this.#detach(0)) this.#seeItsEnd();
    if (this.#state !== "running") return;
    letGoLater.add(this);
    const timer = setInterval(() => {
      letGoLate();
      if (!letGoLater.has(this)) clearInterval(timer);
    }, LET_GO_INTERVAL_MS);
    timer.unref(); // our end lets it go too
  }

  /** Lets it go if it stands still by now; false if it does not. */
  tryToLetGo(): boolean {
    const stop = this.#poll();
    if (stop === undefined) return false;
    return stop.why === "ended" || this.#detach(stop.why === "signal" ? stop.signal : 0);
  }

  /** It was killed. Until its end is seen, its parent is not told of the end of the process. */
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
      const news = this.#news(WEXITED | WSTOPPED | WNOWAIT);
      if (news === undefined) return undefined;
      if (news.hasEnded) {
        if (!this.#isOwnChild) this.#news(WEXITED);
        return this.#ended();
      }
    } catch (error) {
      if (!failedWith(error, "ECHILD")) throw error;
      return this.#ended();
    }
    return this.#pollStop();
  }

  #pollStop(): Stop | undefined {
    let news;
    try {
      news = this.#news(WSTOPPED);
    } catch (error) {
      if (!failedWith(error, "ECHILD")) throw error;
    }
    if (news === undefined) return undefined; // it was killed just now
    this.#state = "stopped";
    const { status } = news;
    const event = status >> 8;
    if (event === EVENT_VFORK) return { why: "clone" };
    if (event === EVENT_STOP) return { why: "stop" };
    return status === CALL_STOP ? { why: "call" } : { why: "signal", signal: status & 0xff };
  }

  #news(kinds: number): { hasEnded: boolean; status: number } | undefined {
    const { memory, view } = scratch();
    waitid(this.tid, memory.address + SET_AT, WNOHANG | WALL | kinds);
    if (view.getInt32(SET_AT + SI_PID_AT, true) === 0) return undefined;
    return {
      hasEnded: ENDINGS.includes(view.getInt32(SET_AT + SI_CODE_AT, true)),
      status: view.getInt32(SET_AT + SI_STATUS_AT, true),
    };
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

  registers(): Registers {
    const bytes = this.#registerSet(NT_PRSTATUS).slice();
    return new BigUint64Array(bytes.buffer, 0, bytes.length >>> 3);
  }

  setRegisters(registers: Registers): void {
    const { buffer, byteOffset, byteLength } = registers;
    this.setRegisterSet(NT_PRSTATUS, new Uint8Array(buffer, byteOffset, byteLength));
  }

  setRegisterSet(set: number, bytes: Uint8Array): void {
    const { memory } = scratch();
    memory.bytes.set(bytes, SET_AT);
    this.#iovec(bytes.length);
    ptrace("SETREGSET", SETREGSET, this.tid, set, memory.address + IOVEC_AT);
  }

  signalMask(): bigint {
    ptrace("GETSIGMASK", GETSIGMASK, this.tid, 8, scratch().memory.address + WORD_AT);
    return scratch().view.getBigUint64(WORD_AT, true);
  }

  setSignalMask(mask: bigint): void {
    scratch().view.setBigUint64(WORD_AT, mask, true);
    ptrace("SETSIGMASK", SETSIGMASK, this.tid, 8, scratch().memory.address + WORD_AT);
  }

  /** All that must be restored after it was made to do something. */
  state(machine: Machine): ThreadState {
    const extended = new Map<number, Uint8Array>();
    for (const set of machine.extendedSets) {
      try {
        extended.set(set, this.#registerSet(set).slice());
      } catch (error) {
        // This processor has no such registers.
        if (!failedWith(error, "EINVAL", "ENODEV")) throw error;
      }
    }
    return { registers: this.registers(), signalMask: this.signalMask(), extended };
  }

  /** The address of its `struct rseq`; 0 if it has none. */
  restartableSequences(): number {
    const { memory, view } = scratch();
    try {
      const address = memory.address + SET_AT;
      ptrace("GET_RSEQ_CONFIGURATION", GET_RSEQ_CONFIGURATION, this.tid, 24, address);
    } catch (error) {
      if (!failedWith(error, "EIO", "EINVAL")) throw error;
      return 0; // this kernel has none
    }
    return Number(view.getBigUint64(SET_AT, true));
  }

  /** True if its system calls are turned into signals, as Wine does. */
  dispatchesCalls(): boolean {
    const { memory, view } = scratch();
    try {
      ptrace(
        "GET_SYSCALL_USER_DISPATCH_CONFIG",
        GET_SYSCALL_USER_DISPATCH_CONFIG,
        this.tid,
        32,
        memory.address + SET_AT,
      );
    } catch {
      return false; // before kernel 6.4 it cannot be asked
    }
    return view.getBigUint64(SET_AT, true) !== 0n;
  }

  /**
   * Its seccomp filters, the oldest first, each an array of `struct sock_filter`.
   *
   * @throws SystemCallError with EACCES unless we have CAP_SYS_ADMIN and no filter ourselves, with
   * EINVAL if it has none or the kernel does not tell them
   */
  seccompFilters(): Uint8Array[] {
    const { memory } = scratch();
    const filters: Uint8Array[] = [];
    for (;;) {
      try {
        // The longest that the kernel takes has 2 ** 15 bytes.
        const address = memory.address + SET_AT;
        const count = ptrace("GET_FILTER", SECCOMP_GET_FILTER, this.tid, filters.length, address);
        filters.push(memory.bytes.slice(SET_AT, SET_AT + count * 8));
      } catch (error) {
        if (failedWith(error, "ENOENT")) return filters;
        throw error;
      }
    }
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

  #registerSet(set: number): Uint8Array {
    const { memory, view } = scratch();
    this.#iovec(SCRATCH_BYTES - SET_AT);
    ptrace("GETREGSET", GETREGSET, this.tid, set, memory.address + IOVEC_AT);
    const lengthBytes = Number(view.getBigUint64(IOVEC_AT + 8, true));
    return memory.bytes.subarray(SET_AT, SET_AT + lengthBytes);
  }

  #iovec(lengthBytes: number): void {
    const { memory, view } = scratch();
    view.setBigUint64(IOVEC_AT, BigInt(memory.address + SET_AT), true);
    view.setBigUint64(IOVEC_AT + 8, BigInt(lengthBytes), true);
  }
}

/** Tracees that were to be let go while they did not stand still. */
const letGoLater = new Set<Tracee>();

/**
 * Lets go what stands still by now. A timer does it too, but not while this program is in a long
 * calculation.
 */
export function letGoLate(): void {
  for (const tracee of letGoLater) if (tracee.tryToLetGo()) letGoLater.delete(tracee);
}
