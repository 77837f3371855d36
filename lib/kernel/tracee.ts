/**
 * A thread of another process, held by ptrace(2).
 *
 * @module
 */

import type { Machine, Registers, ThreadState } from "./machine.ts";
import { failedWith, mapAnonymous, type OwnMapping, ptrace, wait4 } from "./libc.ts";

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
const GET_SYSCALL_USER_DISPATCH_CONFIG = 0x4211;

const NT_PRSTATUS = 1;
const WNOHANG = 1;
const WALL = 0x4000_0000;
const SIGTRAP = 5;
const EVENT_CLONE = 3;
const EVENT_STOP = 128;

/** Makes stops at system calls tell themselves from signals. */
export const TRACE_SYSGOOD = 1;
/** Holds new threads of the tracee from their beginning. */
export const TRACE_CLONE = 1 << 3;
/** Lets the tracee do calls that its seccomp filter forbids; for CAP_SYS_ADMIN. */
export const SUSPEND_SECCOMP = 1 << 21;

/** Why a tracee stands still, or no longer is one. */
export type Stop =
  | { readonly why: "call" | "clone" }
  /** PTRACE_INTERRUPT, a group-stop, or the start of a new thread. */
  | { readonly why: "stop" }
  | { readonly why: "signal"; readonly signal: number }
  | { readonly why: "ended" };

/** Of the scratch memory: two words, an iovec, and the register set that it points to. */
const WORD_AT = 0;
const IOVEC_AT = 16;
const SET_AT = 64;
const SCRATCH_BYTES = 1 << 17;

/** How long a wait spins before it sleeps between its tries; most stops come within microseconds. */
const SPIN_MS = 1;
const NAP_MS = 0.2;
const LET_GO_INTERVAL_MS = 5;
const napper = new Int32Array(new SharedArrayBuffer(4));

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

/** One thread. All calls must come from one thread of ours, and all but `wait` while it stands still. */
export class Tracee {
  readonly tid: number;
  #state: "running" | "stopped" | "ended" = "running";

  private constructor(tid: number) {
    this.tid = tid;
  }

  /** Attaches to a thread without stopping it. */
  static seize(tid: number): Tracee {
    ptrace("SEIZE", SEIZE, tid);
    return new Tracee(tid);
  }

  /** A thread that was attached to because its parent has {@linkcode TRACE_CLONE}. */
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
        if (elapsedMs > SPIN_MS) Atomics.wait(napper, 0, 0, NAP_MS);
      } else if (wanted.includes(stop.why)) return stop.why;
      else if (stop.why === "ended") throw new WaitError("ended");
      else goOn(stop.why === "signal" ? stop.signal : 0);
    }
  }

  /**
   * Lets it go. If it does not stand still, as a thread that waits for a disk, that happens as soon as
   * it does.
   */
  letGo(): void {
    if (this.#state === "stopped") this.#detach(0);
    if (this.#state !== "running") return;
    const timer = setInterval(() => {
      const stop = this.#poll();
      if (stop === undefined) return;
      clearInterval(timer);
      if (stop.why !== "ended") this.#detach(stop.why === "signal" ? stop.signal : 0);
    }, LET_GO_INTERVAL_MS);
    timer.unref(); // our end lets it go too
  }

  /** How it stands, if it stopped or ended since the last call. */
  #poll(): Stop | undefined {
    if (this.#state === "ended") return { why: "ended" };
    const { memory, view } = scratch();
    try {
      if (wait4(this.tid, memory.address + WORD_AT, WNOHANG | WALL) === 0) return undefined;
    } catch (error) {
      if (!failedWith(error, "ECHILD")) throw error;
      this.#state = "ended";
      return { why: "ended" };
    }
    const status = view.getInt32(WORD_AT, true);
    if ((status & 0xff) !== 0x7f) {
      this.#state = "ended";
      return { why: "ended" };
    }
    this.#state = "stopped";
    const event = status >> 16;
    const signal = (status >> 8) & 0xff;
    if (event === EVENT_CLONE) return { why: "clone" };
    if (event === EVENT_STOP) return { why: "stop" };
    if (signal === (SIGTRAP | 0x80)) return { why: "call" };
    return { why: "signal", signal };
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

  #detach(signal: number): void {
    try {
      ptrace("DETACH", DETACH, this.tid, 0, signal);
    } catch (error) {
      if (!failedWith(error, "ESRCH")) throw error; // it was killed meanwhile
    }
    this.#state = "ended";
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
