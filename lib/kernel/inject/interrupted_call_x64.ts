/**
 * The number of a call that a thread continues with by restart_syscall(2). Its parameters are still in
 * their registers then, but its number is not: the kernel knows it by a function of its own.
 *
 * @module
 */

import type { CallHints } from "./arch.ts";

/** The calls that the kernel continues in this way. */
const CALLS = { poll: 7n, nanosleep: 35n, futex: 202n, clock_nanosleep: 230n } as const;
const NUMBERS: ReadonlySet<bigint> = new Set(Object.values(CALLS));

/** `mov $NUMBER, %eax; syscall`, as the C library and Go begin a call. */
const MOV_EAX = 0xb8;
const SYSCALL = [0x0f, 0x05];

/** Addresses are higher, ids of clocks are lower. */
const LOWEST_ADDRESS = 1n << 16n;

/**
 * The number; undefined if nothing shows it.
 *
 * @param first the first parameter of the call
 */
export function interruptedCall(
  first: bigint,
  { codeBefore, waitChannel }: CallHints,
): bigint | undefined {
  const inCode = numberIn(codeBefore);
  if (inCode !== undefined) return NUMBERS.has(inCode) ? inCode : undefined;
  // Where a function takes the number as its parameter, as syscall(2) does.
  if (/poll/.test(waitChannel)) return CALLS.poll;
  if (/futex/.test(waitChannel)) return CALLS.futex;
  if (!/nanosleep/.test(waitChannel)) return undefined;
  return BigInt.asUintN(64, first) < LOWEST_ADDRESS ? CALLS.clock_nanosleep : CALLS.nanosleep;
}

function numberIn(code: Uint8Array): bigint | undefined {
  if (code.length < 7 || code[0] !== MOV_EAX) return undefined;
  if (code[5] !== SYSCALL[0] || code[6] !== SYSCALL[1]) return undefined;
  return BigInt(new DataView(code.buffer, code.byteOffset, code.length).getUint32(1, true));
}
