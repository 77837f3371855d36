/**
 * How much of the writable memory of a process is shared: what soft-dirty can lose writes to.
 *
 * @module
 */

import { vmaPageCount } from "../core/vma.ts";
import { isWritable } from "./pagemap/mapped_memory.ts";
import type { ProcFs } from "./proc/proc_fs.ts";

/** Memory that a process can write to, as far as it exists, in RAM or in swap. */
export interface WritableMemory {
  /** In all mappings. */
  readonly writableBytes: number;
  /** In shared memory, and in files that are mapped shared. */
  readonly sharedBytes: number;
}

/** Below this size of all shared mappings together they are not looked into: 1 MiB. */
const WORTHWHILE_BYTES = 1 << 20;

/**
 * Counts it. That reads smaps, which walks the page tables of the process, unless it has hardly any
 * shared mappings.
 *
 * @throws ProcessError
 */
export function writableMemory(proc: ProcFs, pid: number): WritableMemory {
  const pageSizeBytes = proc.pageSizeBytes();
  const isShared = ({ perms }: { readonly perms: string }) => perms.endsWith("s");
  const mapped = proc.maps(pid, pageSizeBytes)
    .filter((vma) => isWritable(vma) && isShared(vma))
    .reduce((sum, vma) => sum + vmaPageCount(vma) * pageSizeBytes, 0);
  if (mapped < WORTHWHILE_BYTES) return { writableBytes: 0, sharedBytes: 0 };
  const writable = proc.smaps(pid, pageSizeBytes).filter(({ vma }) => isWritable(vma));
  const bytes = (usages: typeof writable) =>
    usages.reduce((sum, { populatedBytes }) => sum + populatedBytes, 0);
  return {
    writableBytes: bytes(writable),
    sharedBytes: bytes(writable.filter(({ vma }) => isShared(vma))),
  };
}
