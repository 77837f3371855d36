/**
 * Finds machine code in a process that a thread of it can be sent through: a system call with a return
 * after it, and the call of rt_sigreturn that each C library (or the vdso) has. A static program that
 * handles no signal can be without the latter; then it is the former, with the number of rt_sigreturn
 * taken from the stack.
 *
 * @module
 */

import type { Vma } from "../../core/vma.ts";
import type { Arch, CodeAddresses } from "./arch.ts";
import type { ProcessMemory } from "../proc/proc_files.ts";

const PIECE_BYTES = 1 << 18;

/**
 * Where both are; undefined if the process has no such code.
 *
 * @param vmas the mappings of the process
 */
export function findCode(
  memory: ProcessMemory,
  vmas: readonly Vma[],
  arch: Arch,
  pageSizeBytes: number,
): CodeAddresses | undefined {
  const executable = vmas.filter(isLasting).sort((a, b) => promise(b) - promise(a));
  const find = (forms: readonly Uint8Array[]) => {
    for (const { start, end } of forms.length === 0 ? [] : executable) {
      const found = search(memory, start * pageSizeBytes, end * pageSizeBytes, forms);
      if (found !== undefined) return found;
    }
  };
  const call = find(arch.syscallCode);
  if (call === undefined) return undefined;
  const signalReturn = find(arch.signalReturnCode);
  if (signalReturn !== undefined) return { call, signalReturn };
  const number = find(arch.numberCode);
  return number === undefined ? undefined : { call, signalReturn: number, takesNumber: true };
}

/** True if the code is still there: a process may replace what it runs at any time. */
export function hasCode(memory: ProcessMemory, code: CodeAddresses, arch: Arch): boolean {
  const isAt = (address: number, forms: readonly Uint8Array[]) =>
    forms.some((form) => {
      const bytes = new Uint8Array(form.length);
      return memory.read(bytes, address) === form.length && form.every((b, i) => b === bytes[i]);
    });
  const { syscallCode, numberCode, signalReturnCode } = arch;
  return isAt(code.call, syscallCode) &&
    isAt(code.signalReturn, code.takesNumber ? numberCode : signalReturnCode);
}

/** Code that a program made as it ran may be gone by the time a thread comes to it. */
function isLasting({ perms, name, inode }: Vma): boolean {
  return perms.startsWith("r-x") && (name === "[vdso]" || inode !== "0");
}

/** Higher where the code is likelier: it saves reading large programs. */
function promise({ name }: Vma): number {
  if (name === "[vdso]") return 3;
  return /\/(libc[.-]|ld-musl)/.test(name) ? 2 : /\/lib[^/]*\.so/.test(name) ? 0 : 1;
}

function search(
  memory: ProcessMemory,
  start: number,
  end: number,
  forms: readonly Uint8Array[],
): number | undefined {
  const overlap = Math.max(...forms.map((form) => form.length)) - 1;
  for (let at = start; at < end; at += PIECE_BYTES) {
    const piece = Buffer.alloc(Math.min(end - at, PIECE_BYTES + overlap));
    // There may be holes that cannot be read, as past the end of a truncated file.
    const bytes = piece.subarray(0, memory.read(piece, at));
    for (const form of forms) {
      const found = bytes.indexOf(form);
      if (found >= 0) return at + found;
    }
  }
}
