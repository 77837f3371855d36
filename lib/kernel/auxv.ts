/**
 * Reads the page size out of `/proc/PID/auxv`; see proc_pid_auxv(5) and getauxval(3).
 *
 * @module
 */

import { endianness } from "node:os";

const AT_PAGESZ = 6n;

/**
 * The page size of this machine in bytes.
 *
 * @param auxv the whole file of a 64-bit process: pairs of 64-bit words in the machine's byte order
 * @throws SyntaxError if it does not say.
 */
export function parsePageSize(auxv: Uint8Array): number {
  const view = new DataView(auxv.buffer, auxv.byteOffset, auxv.byteLength);
  const isLittleEndian = endianness() === "LE";
  for (let i = 0; i + 16 <= auxv.byteLength; i += 16) {
    if (view.getBigUint64(i, isLittleEndian) === AT_PAGESZ) {
      return Number(view.getBigUint64(i + 8, isLittleEndian));
    }
  }
  throw new SyntaxError("The auxiliary vector has no AT_PAGESZ");
}
