/**
 * What is in a thread that ptrace(2) holds: its registers, its signal mask, its filters.
 *
 * @module
 */

import { failedWith, ptrace } from "../system/libc.ts";
import type { Arch, Registers, ThreadState } from "./arch.ts";
import { IOVEC_AT, scratch, SCRATCH_BYTES, STRUCT_AT, WORD_AT } from "./ptrace_memory.ts";

const GETREGSET = 0x4204;
const SETREGSET = 0x4205;
const GETSIGMASK = 0x420a;
const SETSIGMASK = 0x420b;
const SECCOMP_GET_FILTER = 0x420c;
const GET_RSEQ_CONFIGURATION = 0x420f;
const GET_SYSCALL_USER_DISPATCH_CONFIG = 0x4211;

const NT_PRSTATUS = 1;

/** A thread that is held. All but its number can be read and set only while it is stopped. */
export class HeldThread {
  readonly tid: number;

  constructor(tid: number) {
    this.tid = tid;
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
    memory.bytes.set(bytes, STRUCT_AT);
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
  state(arch: Arch): ThreadState {
    const extended = new Map<number, Uint8Array>();
    for (const set of arch.extendedSets) {
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
      const address = memory.address + STRUCT_AT;
      ptrace("GET_RSEQ_CONFIGURATION", GET_RSEQ_CONFIGURATION, this.tid, 24, address);
    } catch (error) {
      if (!failedWith(error, "EIO", "EINVAL")) throw error;
      return 0; // this kernel has none
    }
    return Number(view.getBigUint64(STRUCT_AT, true));
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
        memory.address + STRUCT_AT,
      );
    } catch {
      return false; // before kernel 6.4 it cannot be asked
    }
    return view.getBigUint64(STRUCT_AT, true) !== 0n;
  }

  /**
   * Its seccomp filters, the oldest first, each an array of `struct sock_filter`.
   *
   * @throws SystemCallError with EACCES unless we have CAP_SYS_ADMIN and no filter ourselves, with
   * EINVAL if it has none or the kernel does not report them
   */
  seccompFilters(): Uint8Array[] {
    const { memory } = scratch();
    const filters: Uint8Array[] = [];
    for (;;) {
      try {
        // The longest that the kernel takes has 2 ** 15 bytes.
        const address = memory.address + STRUCT_AT;
        const count = ptrace("GET_FILTER", SECCOMP_GET_FILTER, this.tid, filters.length, address);
        filters.push(memory.bytes.slice(STRUCT_AT, STRUCT_AT + count * 8));
      } catch (error) {
        if (failedWith(error, "ENOENT")) return filters;
        throw error;
      }
    }
  }

  #registerSet(set: number): Uint8Array {
    const { memory, view } = scratch();
    this.#iovec(SCRATCH_BYTES - STRUCT_AT);
    ptrace("GETREGSET", GETREGSET, this.tid, set, memory.address + IOVEC_AT);
    const lengthBytes = Number(view.getBigUint64(IOVEC_AT + 8, true));
    return memory.bytes.subarray(STRUCT_AT, STRUCT_AT + lengthBytes);
  }

  #iovec(lengthBytes: number): void {
    const { memory, view } = scratch();
    view.setBigUint64(IOVEC_AT, BigInt(memory.address + STRUCT_AT), true);
    view.setBigUint64(IOVEC_AT + 8, BigInt(lengthBytes), true);
  }
}
