/**
 * Restartable sequences: code that a thread must restart if it was interrupted within, rseq(2). The
 * kernel sends the thread to the beginning when it runs on, but only if it is still within then. One
 * that was made to run something else meanwhile is not, so it must be sent there when it is restored.
 *
 * @module
 */

import type { ProcessMemory } from "../proc/proc_files.ts";

/** In `struct rseq`: the address of a description of the sequence that runs, or 0. */
const CURRENT_AT = 8;
/** Offsets in `struct rseq_cs`. */
const START_AT = 8;
const LENGTH_AT = 16;
const ABORT_AT = 24;
const DESCRIPTION_BYTES = 32;

/**
 * Where a thread continues that was interrupted at `address`.
 *
 * @param area the address of its `struct rseq`; 0 if it has none
 */
export function resumedAt(memory: ProcessMemory, area: number, address: bigint): bigint {
  if (area === 0) return address;
  const description = read(memory, area + CURRENT_AT, 8)?.getBigUint64(0, true) ?? 0n;
  if (description === 0n) return address;
  const sequence = read(memory, Number(description), DESCRIPTION_BYTES);
  if (sequence === undefined) return address;
  const start = sequence.getBigUint64(START_AT, true);
  const isWithin = address >= start && address - start < sequence.getBigUint64(LENGTH_AT, true);
  return isWithin ? sequence.getBigUint64(ABORT_AT, true) : address;
}

function read(memory: ProcessMemory, address: number, length: number): DataView | undefined {
  const bytes = new Uint8Array(length);
  return memory.read(bytes, address) === length ? new DataView(bytes.buffer) : undefined;
}
