/**
 * Reads `/proc/PID/auxv`: the page size, and what kind of program it is; see proc_pid_auxv(5) and
 * getauxval(3).
 *
 * @module
 */

import { endianness } from "node:os";

const AT_PAGESZ = 6n;
const AT_BASE = 7n;
const AT_EXECFN = 31n;

/**
 * The page size of this machine in bytes.
 *
 * @param auxv the whole file of a 64-bit process: pairs of 64-bit words in the machine's byte order
 * @throws SyntaxError if it does not say.
 */
export function parsePageSize(auxv: Uint8Array): number {
  const size = valueOf(auxv, AT_PAGESZ);
  if (size === undefined) throw new SyntaxError("The auxiliary vector has no AT_PAGESZ");
  return Number(size);
}

/** How a program was loaded. */
export interface ProgramKind {
  /** True for a 32-bit program. */
  readonly is32Bit: boolean;
  /** True if it was loaded as a whole, without a dynamic linker; false while that is still to be seen. */
  readonly isStatic: boolean;
}

/**
 * What kind of program a process runs; undefined if it says nothing, as one that ends.
 *
 * @param auxv the whole file, of a process of either kind
 */
export function programKind(auxv: Uint8Array): ProgramKind | undefined {
  if (auxv.byteLength < 16) return undefined;
  // Each entry is a tag and a value. Tags are small, and the first one has a value, so where the upper
  // half of the first 64 bits is not 0, words have 32 bits.
  const view = new DataView(auxv.buffer, auxv.byteOffset, auxv.byteLength);
  const is32Bit = view.getUint32(endianness() === "LE" ? 4 : 0) !== 0;
  // An exec fills it in one by one; this comes last.
  const isWhole = !is32Bit && valueOf(auxv, AT_EXECFN) !== undefined;
  return { is32Bit, isStatic: isWhole && valueOf(auxv, AT_BASE) === 0n };
}

function valueOf(auxv: Uint8Array, tag: bigint): bigint | undefined {
  const view = new DataView(auxv.buffer, auxv.byteOffset, auxv.byteLength);
  const isLittleEndian = endianness() === "LE";
  for (let i = 0; i + 16 <= auxv.byteLength; i += 16) {
    if (view.getBigUint64(i, isLittleEndian) === tag) {
      return view.getBigUint64(i + 8, isLittleEndian);
    }
  }
}
