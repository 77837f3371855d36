/**
 * arm64: `arch/arm64/include/uapi/asm/sigcontext.h` and `ucontext.h` of the kernel.
 *
 * @module
 */

import type { Arch, Registers } from "./arch.ts";

/** Places in `struct user_pt_regs`: x0 to x30, then these. */
const X8 = 8;
const X30 = 30;
const SP = 31;
const PC = 32;
const PSTATE = 33;

/** The kind of branch that led here; a landing pad is checked against it. */
const PSTATE_BTYPE = 3n << 10n;
/** Set for 32-bit code. */
const PSTATE_MODE_32 = 1n << 4n;

/** Offsets in `struct rt_sigframe`. */
const UC_STACK_FLAGS = 128 + 24;
const SIGNAL_MASK = 128 + 40;
const SIGCONTEXT = 304;
const REGISTERS = SIGCONTEXT + 8;
const RECORDS = SIGCONTEXT + 288;
const RECORDS_BYTES = 4096;

/** sigaltstack(2) refuses such flags, and then rt_sigreturn leaves the alternate stack as it is. */
const ALTERNATE_STACK_UNCHANGED = 0x7fff_ffff;

/** NT_PRFPREG: v0 to v31, fpsr, fpcr. */
const FP_REGISTERS = 2;
/** NT_ARM_SVE, NT_ARM_SSVE and NT_ARM_ZA: scalable vectors, the streaming ones, and the matrix. */
const SVE = 0x405;
const STREAMING_SVE = 0x40b;
const ZA = 0x40c;

const FPSIMD_MAGIC = 0x46508001;
const FPSIMD_BYTES = 528;
const VECTORS_BYTES = 512;
const SVE_MAGIC = 0x53564501;
/** Of `struct user_sve_header` and of `struct sve_context` alike. */
const SVE_HEADER_BYTES = 16;
/** Set if the registers that follow are scalable. */
const SVE_REGISTERS = 1;

/** arm64. */
export const arm64: Arch = {
  auditArch: 0xc000_00b7,
  syscalls: {
    clone: 220,
    close: 57,
    exit: 93,
    kcmp: 272,
    restart_syscall: 128,
    rt_sigreturn: 139,
    sched_getscheduler: 120,
    sched_setscheduler: 119,
    userfaultfd: 282,
  },
  registerCount: 34,
  stackPointer: SP,
  programCounter: PC,
  redZoneBytes: 0,
  extendedSets: [FP_REGISTERS, SVE, STREAMING_SVE, ZA],
  // svc #0; ret
  syscallCode: [Uint8Array.of(0x01, 0, 0, 0xd4, 0xc0, 0x03, 0x5f, 0xd6)],
  // mov x8, #139; svc #0
  signalReturnCode: [Uint8Array.of(0x68, 0x11, 0x80, 0xd2, 0x01, 0, 0, 0xd4)],

  numberCode: [], // the vdso has signalReturnCode

  is64Bit: (registers) => (registers[PSTATE] & PSTATE_MODE_32) === 0n,

  // The kernel has already done it when a thread stops for ptrace. Which calls continue with the time that
  // was left is not to be seen then: a nanosleep that asks for no remaining time begins with all of it.
  restarted: (registers) => registers.slice(),

  // The kernel knows it from what the registers no longer show. A thread that did another call meanwhile
  // begins the first one again without it.
  hasRestartCall: () => false,

  sigreturnRegisters: (registers, code, frameAddress) =>
    running(registers, code.signalReturn, frameAddress),

  syscallRegisters(registers, code, frameAddress, call, ...parameters) {
    const copy = running(registers, code.call, frameAddress);
    parameters.forEach((parameter, i) => copy[i] = BigInt(parameter));
    copy[X8] = BigInt(call);
    copy[X30] = BigInt(code.signalReturn);
    return copy;
  },

  // A call zeroes scalable vectors beyond their low 128 bits (`Documentation/arch/arm64/sve.rst`). Who
  // makes one expects that; a thread that was interrupted between two instructions does not.
  discarded: (extended) =>
    new Map([...extended].filter(([set, bytes]) => set === SVE && hasScalable(bytes))),

  syscallResult: (registers) => Number(BigInt.asIntN(64, registers[0])),

  frame({ registers, signalMask, extended }) {
    const records = recordsOf(extended);
    const bytes = new Uint8Array(RECORDS + Math.max(RECORDS_BYTES, records.length));
    const view = new DataView(bytes.buffer);
    view.setUint32(UC_STACK_FLAGS, ALTERNATE_STACK_UNCHANGED, true);
    view.setBigUint64(SIGNAL_MASK, signalMask, true);
    registers.forEach((value, i) => view.setBigUint64(REGISTERS + i * 8, value, true));
    bytes.set(records, RECORDS);
    return bytes;
  },
};

function running(registers: Registers, address: number, stackPointer: number): Registers {
  const copy = registers.slice();
  copy[SP] = BigInt(stackPointer);
  copy[PC] = BigInt(address);
  copy[PSTATE] &= ~PSTATE_BTYPE;
  return copy;
}

/** The records of a frame: floating point, then scalable vectors if they are in use; zeros end them. */
function recordsOf(extended: ReadonlyMap<number, Uint8Array>): Uint8Array {
  const matrix = extended.get(ZA);
  const streaming = extended.get(STREAMING_SVE);
  if (lengthOf(matrix) > SVE_HEADER_BYTES || hasScalable(streaming)) {
    throw new RangeError("The thread uses the matrix extension (SME), which is not supported");
  }
  const parts = [fpsimd(extended.get(FP_REGISTERS) ?? new Uint8Array(FPSIMD_BYTES))];
  const sve = extended.get(SVE);
  if (sve !== undefined && hasScalable(sve)) parts.push(scalable(sve));
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 16));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  if (bytes.length > RECORDS_BYTES) {
    throw new RangeError(`Vectors of ${bytes.length} bytes do not fit into a frame`);
  }
  return bytes;
}

function fpsimd(set: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(FPSIMD_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, FPSIMD_MAGIC, true);
  view.setUint32(4, FPSIMD_BYTES, true);
  bytes.set(set.subarray(VECTORS_BYTES, VECTORS_BYTES + 8), 8); // fpsr and fpcr
  bytes.set(set.subarray(0, VECTORS_BYTES), 16);
  return bytes;
}

/** `z`, `p` and `ffr` have the same layout in the frame as in the register set. */
function scalable(set: Uint8Array): Uint8Array {
  const vectorBytes = new DataView(set.buffer, set.byteOffset).getUint16(8, true);
  const payloadBytes = vectorBytes * 32 + (vectorBytes / 8) * 17;
  const sizeBytes = Math.ceil((SVE_HEADER_BYTES + payloadBytes) / 16) * 16;
  const bytes = new Uint8Array(sizeBytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, SVE_MAGIC, true);
  view.setUint32(4, sizeBytes, true);
  view.setUint16(8, vectorBytes, true);
  bytes.set(set.subarray(SVE_HEADER_BYTES, SVE_HEADER_BYTES + payloadBytes), SVE_HEADER_BYTES);
  return bytes;
}

/** `flags` of the header says whether a set has scalable registers or plain ones. */
function hasScalable(set: Uint8Array | undefined): boolean {
  if (set === undefined || set.length <= SVE_HEADER_BYTES) return false;
  return (new DataView(set.buffer, set.byteOffset).getUint16(12, true) & SVE_REGISTERS) !== 0;
}

function lengthOf(set: Uint8Array | undefined): number {
  return set?.length ?? 0;
}
