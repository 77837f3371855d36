/**
 * Memory through which ptrace(2) and waitid(2) take and give structs.
 *
 * @module
 */

import { mapAnonymous, type OwnMapping } from "../system/libc.ts";

/** Where a word of 64 bits lies in it. */
export const WORD_AT = 0;
/** Where a `struct iovec` lies in it, which points to what is at {@linkcode STRUCT_AT}. */
export const IOVEC_AT = 16;
/** Where a struct lies in it, or a register set. */
export const STRUCT_AT = 64;
/** The size of all of it. */
export const SCRATCH_BYTES = 1 << 17;

/** The memory, and a view of it. */
export interface Scratch {
  readonly memory: OwnMapping;
  readonly view: DataView;
}

let shared: Scratch | undefined;

/** Every call fills and reads it at once, so one serves all threads that are held. */
export function scratch(): Scratch {
  if (shared !== undefined) return shared;
  const memory = mapAnonymous(SCRATCH_BYTES);
  return shared = { memory, view: new DataView(memory.bytes.buffer, memory.bytes.byteOffset) };
}
