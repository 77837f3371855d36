/**
 * Whether two processes share one address space, as a child of vfork(2) does with its parent until it
 * executes a program.
 *
 * @module
 */

import { systemCall, SystemCallError } from "./system/libc.ts";
import { currentArch } from "./inject/current_arch.ts";

const KCMP_VM = 1;

/** False also where the kernel does not say so: kcmp(2) needs CONFIG_KCMP and the rights of ptrace(2). */
export function shareMemory(a: number, b: number): boolean {
  const arch = currentArch();
  if (arch === undefined) return false;
  try {
    return systemCall("kcmp", arch.syscalls.kcmp, a, b, KCMP_VM) === 0;
  } catch (error) {
    if (error instanceof SystemCallError) return false;
    throw error;
  }
}
