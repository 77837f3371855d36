/**
 * What differs from one processor architecture to the next when a thread of another process is made
 * to do a call: numbers of calls, layout of registers, machine code, and the frame from which
 * rt_sigreturn(2) restores a thread.
 *
 * @module
 */

/** General registers as NT_PRSTATUS of ptrace(2) has them. */
export type Registers = BigUint64Array;

/** All that a thread has in registers, and its signal mask. */
export interface ThreadState {
  readonly registers: Registers;
  /** One bit for each blocked signal. */
  readonly signalMask: bigint;
  /** The register sets that `Arch.extendedSets` asks for, by their number; those that there are. */
  readonly extended: ReadonlyMap<number, Uint8Array>;
}

/** Addresses of machine code in the target. */
export interface CodeAddresses {
  /** A system call, and then a return. */
  readonly call: number;
  /** The C library's or vdso's end of a signal handler: it calls rt_sigreturn. */
  readonly signalReturn: number;
  /**
   * True if the process has no such code, and `signalReturn` is `Arch.numberCode`: it takes the number
   * of the call from the stack, and returns to `call`.
   */
  readonly takesNumber?: boolean | undefined;
}

/** What shows which call a thread waits in, where its registers do not. */
export interface CallHints {
  /** The bytes of code that end where the thread continues. */
  readonly codeBefore: Uint8Array;
  /** `/proc/PID/wchan`, read before the thread was stopped. */
  readonly waitChannel: string;
}

/** How many bytes of code {@linkcode CallHints.codeBefore} has. */
export const CODE_BEFORE_BYTES = 7;

/** One architecture. */
export interface Arch {
  /** AUDIT_ARCH_* of `linux/audit.h`, by which seccomp filters know it. */
  readonly auditArch: number;
  readonly syscalls: {
    readonly clone: number;
    readonly close: number;
    readonly exit: number;
    readonly kcmp: number;
    readonly restart_syscall: number;
    readonly rt_sigreturn: number;
    readonly sched_getscheduler: number;
    readonly sched_setscheduler: number;
    readonly userfaultfd: number;
  };
  /** Registers of a 64-bit process; a 32-bit one has fewer bytes of them. */
  readonly registerCount: number;
  readonly stackPointer: number;
  /** Where the address of the running code stands. */
  readonly programCounter: number;
  /** Bytes below the stack pointer that belong to the running function. */
  readonly redZoneBytes: number;
  /**
   * Numbers of the register sets, besides the general one, that a frame restores. Each thread has the
   * first of them.
   */
  readonly extendedSets: readonly number[];
  /** Each form that `CodeAddresses.call` may have. */
  readonly syscallCode: readonly Uint8Array[];
  /** Each form that `CodeAddresses.signalReturn` may have. */
  readonly signalReturnCode: readonly Uint8Array[];
  /** Code that takes the number of a call from the stack and returns; none where it is not needed. */
  readonly numberCode: readonly Uint8Array[];
  /** True if the registers are those of a thread that runs 64-bit code. */
  is64Bit(registers: Registers): boolean;
  /**
   * The registers as the kernel would set them to begin an interrupted call again: it does so when a
   * thread runs on by itself, but not when a frame is restored. A call that was interrupted before is
   * known by its hints alone; without them it ends with EINTR if the frame is restored.
   */
  restarted(registers: Registers, hints?: CallHints): Registers;
  /**
   * True if the kernel is to continue an interrupted call by restart_syscall(2), of which a seccomp
   * filter need not know. False where that is not to be seen.
   */
  hasRestartCall(registers: Registers): boolean;
  /** Registers with which a thread restores itself from the frame at `frameAddress`. */
  sigreturnRegisters(registers: Registers, code: CodeAddresses, frameAddress: number): Registers;
  /**
   * Registers with which a thread does one call, and after it restores itself from the frame at
   * `frameAddress`.
   */
  syscallRegisters(
    registers: Registers,
    code: CodeAddresses,
    frameAddress: number,
    call: number,
    ...parameters: number[]
  ): Registers;
  /** Those of a thread's extended sets that any call discards, and that must be set again after it. */
  discarded(extended: ThreadState["extended"]): ThreadState["extended"];
  /** What the call returned: a number below 0 is an error. */
  syscallResult(registers: Registers): number;
  /**
   * The frame that rt_sigreturn restores `state` from.
   *
   * @throws RangeError if the state holds something that this code cannot restore.
   */
  frame(state: ThreadState, code: CodeAddresses, address: number): Uint8Array;
}

/** A frame starts at a multiple of this. */
export const FRAME_ALIGNMENT = 64;

/** The state of no thread, for trying out what is done with one. */
export function blankState(arch: Arch): ThreadState {
  const registers = arch.restarted(new BigUint64Array(arch.registerCount));
  return {
    registers,
    signalMask: 0n,
    extended: new Map([[arch.extendedSets[0], new Uint8Array(1024)]]),
  };
}
