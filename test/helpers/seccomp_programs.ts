/**
 * Seccomp filters written out, as programs of classic BPF.
 *
 * @module
 */

/** A `struct sock_filter`: code, jump if so, jump if not, constant. */
export type Instruction = readonly [code: number, jt: number, jf: number, k: number];

/** What filters return. */
export const RET = {
  KILL_PROCESS: 0x8000_0000,
  KILL_THREAD: 0,
  TRAP: 0x0003_0000,
  ERRNO: 0x0005_0000,
  USER_NOTIF: 0x7fc0_0000,
  TRACE: 0x7ff0_0000,
  LOG: 0x7ffc_0000,
  ALLOW: 0x7fff_0000,
} as const;

/** Offsets in a `struct seccomp_data`. */
export const NR_AT = 0;
export const ARCH_AT = 4;
export const POINTER_AT = 8;
export const lowAt = (parameter: number) => 16 + 8 * parameter;
export const highAt = (parameter: number) => 20 + 8 * parameter;

/** The instructions that most filters are made of. */
export const load = (at: number): Instruction => [0x20, 0, 0, at];
export const jumpIfEqual = (k: number, jt: number, jf: number): Instruction => [0x15, jt, jf, k];
export const and = (k: number): Instruction => [0x54, 0, 0, k];
export const ret = (k: number): Instruction => [0x06, 0, 0, k];

/** Puts one together as the kernel gives it. */
export function program(...instructions: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(instructions.length * 8);
  const view = new DataView(bytes.buffer);
  instructions.forEach(([code, jt, jf, k], i) => {
    view.setUint16(i * 8, code, true);
    view.setUint8(i * 8 + 2, jt);
    view.setUint8(i * 8 + 3, jf);
    view.setUint32(i * 8 + 4, k, true);
  });
  return bytes;
}

/** One verdict for some calls, another for the rest. */
export function forCalls(calls: readonly number[], verdict: number, otherwise: number): Uint8Array {
  const compared = calls.flatMap((call) => [jumpIfEqual(call, 0, 1), ret(verdict)]);
  return program(load(NR_AT), ...compared, ret(otherwise));
}
