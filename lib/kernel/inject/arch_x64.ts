/**
 * x86-64: `arch/x86/include/uapi/asm/sigcontext.h` and `ucontext.h` of the kernel.
 *
 * @module
 */

import { interruptedCall } from "./interrupted_call_x64.ts";
import { type Arch, FRAME_ALIGNMENT, type Registers } from "./arch.ts";

/** Places in `struct user_regs_struct`, as ptrace(2) gives registers. */
const R = {
  r15: 0,
  r14: 1,
  r13: 2,
  r12: 3,
  rbp: 4,
  rbx: 5,
  r11: 6,
  r10: 7,
  r9: 8,
  r8: 9,
  rax: 10,
  rcx: 11,
  rdx: 12,
  rsi: 13,
  rdi: 14,
  origRax: 15,
  rip: 16,
  cs: 17,
  eflags: 18,
  rsp: 19,
  ss: 20,
  fs: 23,
  gs: 24,
} as const;

/** The order of registers in `struct sigcontext`. */
const FRAME_ORDER = [
  ...[R.r8, R.r9, R.r10, R.r11, R.r12, R.r13, R.r14, R.r15, R.rdi, R.rsi, R.rbp, R.rbx, R.rdx],
  ...[R.rax, R.rcx, R.rsp, R.rip, R.eflags],
];
const PARAMETERS = [R.rdi, R.rsi, R.rdx, R.r10, R.r8, R.r9];

const USER_64_CS = 0x33n;
const NOT_IN_A_CALL = 0xffff_ffff_ffff_ffffn;

/** Set by a program that steps through itself. */
const TRAP_FLAG = 1n << 8n;

/** `-ERESTARTSYS`, `-ERESTARTNOINTR`, `-ERESTARTNOHAND` and `-ERESTART_RESTARTBLOCK`. */
const RESTARTS = new Set([-512n, -513n, -514n, -516n]);
const ERESTART_RESTARTBLOCK = -516n;
const SYSCALL_BYTES = 2n;

const WORD_BYTES = 8;

/** Offsets in `struct rt_sigframe`. */
const UC_FLAGS = 8;
const UC_STACK_FLAGS = UC_FLAGS + 24;
const SIGCONTEXT = UC_FLAGS + 40;
const SEGMENTS = SIGCONTEXT + 18 * 8;
const FPSTATE_POINTER = SIGCONTEXT + 184;
const SIGNAL_MASK = SIGCONTEXT + 256;
const FRAME_BYTES = 448;

/** The frame has an extended state, and a stack segment to be restored as it is. */
const UC_FP_XSTATE_AND_STRICT_SS = 1 | 2 | 4;
/** sigaltstack(2) refuses such flags, and then rt_sigreturn leaves the alternate stack as it is. */
const ALTERNATE_STACK_UNCHANGED = 0x7fff_ffff;

/** NT_X86_XSTATE: the extended state, in the layout of XSAVE. */
const XSTATE = 0x202;
const XCR0_AT = 464;
const XSTATE_BV_AT = 512;
const MAGIC_1 = 0x46505853;
const MAGIC_2 = 0x46505845;
/** Components 17 and 18: the tiles of AMX, which a thread must ask for. */
const AMX = 3n << 17n;
const AMX_STATE_BYTES = 11008;
/** All other components, where there are tiles. */
const BEFORE_AMX_BYTES = 2696;

/** x86-64. */
export const x64: Arch = {
  auditArch: 0xc000_003e,
  syscalls: {
    clone: 56,
    close: 3,
    exit: 60,
    kcmp: 312,
    restart_syscall: 219,
    rt_sigreturn: 15,
    sched_getscheduler: 145,
    sched_setscheduler: 144,
    userfaultfd: 323,
  },
  registerCount: 27,
  stackPointer: R.rsp,
  programCounter: R.rip,
  redZoneBytes: 128,
  extendedSets: [XSTATE],
  // syscall; ret
  syscallCode: [Uint8Array.of(0x0f, 0x05, 0xc3)],
  // mov $15, %rax (or %eax); syscall
  signalReturnCode: [
    Uint8Array.of(0x48, 0xc7, 0xc0, 0x0f, 0, 0, 0, 0x0f, 0x05),
    Uint8Array.of(0xb8, 0x0f, 0, 0, 0, 0x0f, 0x05),
  ],

  // pop %rax; ret: static programs without a handler, as of musl, have no end of one
  numberCode: [Uint8Array.of(0x58, 0xc3)],

  is64Bit: (registers) => registers[R.cs] === USER_64_CS,

  restarted(registers, hints) {
    const copy = registers.slice();
    // A call with a timeout begins with all of it: only the kernel knows how much was left.
    if (isInCall(registers) && RESTARTS.has(BigInt.asIntN(64, registers[R.rax]))) {
      const call = registers[R.origRax];
      // rt_sigreturn makes restart_syscall(2) fail with EINTR.
      const isRestart = call === BigInt(x64.syscalls.restart_syscall);
      copy[R.rax] = isRestart && hints ? interruptedCall(registers[R.rdi], hints) ?? call : call;
      copy[R.rip] -= SYSCALL_BYTES;
    }
    copy[R.origRax] = NOT_IN_A_CALL;
    return copy;
  },

  hasRestartCall: (registers) =>
    isInCall(registers) && BigInt.asIntN(64, registers[R.rax]) === ERESTART_RESTARTBLOCK,

  sigreturnRegisters(registers, code, frameAddress) {
    const copy = running(registers, code.signalReturn);
    copy[R.rsp] = BigInt(frameAddress) + 8n; // as if a handler had just returned
    return copy;
  },

  syscallRegisters(registers, code, frameAddress, call, ...parameters) {
    const copy = running(registers, code.call);
    copy[R.rax] = BigInt(call);
    copy[R.rsp] = BigInt(frameAddress);
    parameters.forEach((parameter, i) => copy[PARAMETERS[i]] = BigInt(parameter));
    return copy;
  },

  discarded: () => new Map(), // a call keeps the whole extended state

  syscallResult: (registers) => Number(BigInt.asIntN(64, registers[R.rax])),

  frame({ registers, signalMask, extended }, code, address) {
    const xstate = extended.get(XSTATE);
    const fpstate = xstate && fpstateOf(xstate);
    const frameAt = code.takesNumber ? 2 * WORD_BYTES : 0;
    const fpstateAt = Math.ceil((frameAt + FRAME_BYTES) / FRAME_ALIGNMENT) * FRAME_ALIGNMENT;
    const bytes = new Uint8Array(fpstateAt + (fpstate?.length ?? 0));
    const all = new DataView(bytes.buffer);
    // The return after the call pops the first of these, and the code there the next two.
    const popped = [code.signalReturn, x64.syscalls.rt_sigreturn, code.call];
    popped.slice(0, code.takesNumber ? 3 : 1).forEach((value, i) =>
      all.setBigUint64(i * WORD_BYTES, BigInt(value), true)
    );
    const view = new DataView(bytes.buffer, frameAt);
    const put = (at: number, value: bigint) => view.setBigUint64(at, value, true);
    put(UC_FLAGS, BigInt(UC_FP_XSTATE_AND_STRICT_SS));
    view.setUint32(UC_STACK_FLAGS, ALTERNATE_STACK_UNCHANGED, true);
    FRAME_ORDER.forEach((register, i) => put(SIGCONTEXT + i * 8, registers[register]));
    [R.cs, R.gs, R.fs, R.ss].forEach((segment, i) =>
      view.setUint16(SEGMENTS + i * 2, Number(registers[segment]), true)
    );
    if (fpstate !== undefined) {
      put(FPSTATE_POINTER, BigInt(address + fpstateAt));
      bytes.set(fpstate, fpstateAt);
    }
    put(SIGNAL_MASK, signalMask);
    return bytes;
  },
};

function isInCall(registers: Registers): boolean {
  return BigInt.asIntN(64, registers[R.origRax]) >= 0n;
}

/** Runs code from its beginning: no call is begun again there, and no step is trapped. */
function running(registers: Registers, address: number): Registers {
  const copy = registers.slice();
  copy[R.rip] = BigInt(address);
  copy[R.origRax] = NOT_IN_A_CALL;
  copy[R.eflags] &= ~TRAP_FLAG;
  return copy;
}

/**
 * The extended state as a signal frame has it: with magic numbers, without which the kernel restores
 * the oldest registers alone.
 */
function fpstateOf(xstate: Uint8Array): Uint8Array {
  const from = new DataView(xstate.buffer, xstate.byteOffset, xstate.length);
  let features = from.getBigUint64(XCR0_AT, true);
  let sizeBytes = xstate.length;
  if ((features & AMX) !== 0n && (from.getBigUint64(XSTATE_BV_AT, true) & AMX) === 0n) {
    if (sizeBytes !== AMX_STATE_BYTES) {
      throw new RangeError(`An extended state of ${sizeBytes} bytes is of no known layout`);
    }
    // A thread that never used tiles has no room for them, and the kernel would refuse the frame.
    features &= ~AMX;
    sizeBytes = BEFORE_AMX_BYTES;
  }
  const bytes = new Uint8Array(sizeBytes + 4);
  bytes.set(xstate.subarray(0, sizeBytes));
  const view = new DataView(bytes.buffer);
  view.setUint32(XCR0_AT, MAGIC_1, true);
  view.setUint32(XCR0_AT + 4, sizeBytes + 4, true);
  view.setBigUint64(XCR0_AT + 8, features, true);
  view.setUint32(XCR0_AT + 16, sizeBytes, true);
  view.setUint32(sizeBytes, MAGIC_2, true);
  return bytes;
}

/** For tests: where registers stand. */
export const X64_REGISTERS: Readonly<Record<string, keyof Registers & number>> = R;
