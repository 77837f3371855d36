/**
 * What the uffd-wp tracker needs to know of the mappings of a process.
 *
 * @module
 */

import { PageSet } from "../../core/page_set.ts";
import type { Vma } from "../../core/vma.ts";
import { hasEntries } from "./pagemap.ts";

/** The mappings whose pages the kernel reports, and their pages. */
export interface MappedMemory {
  /** Ascending. */
  readonly vmas: readonly Vma[];
  /** All of their pages. */
  readonly mapped: PageSet;
  /** Those that the process can write to as they are mapped now. */
  readonly writable: PageSet;
  /** The kernel's own, which cannot be registered, and which the process never writes to. */
  readonly ofTheKernel: PageSet;
}

/** Sorts mappings out. */
export function mappedMemory(all: readonly Vma[]): MappedMemory {
  const vmas = all.filter(hasEntries);
  return {
    vmas,
    mapped: PageSet.from(vmas),
    writable: PageSet.from(vmas.filter(isWritable)),
    ofTheKernel: PageSet.from(vmas.filter(isOfTheKernel)),
  };
}

/** True if the process can write to it as it is mapped now. */
export function isWritable(vma: Vma): boolean {
  return vma.perms.includes("w");
}

function isOfTheKernel({ name }: Vma): boolean {
  return /^\[(vvar|vdso|vvar_vclock|uprobes)\]$/.test(name);
}
