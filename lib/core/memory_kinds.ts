/**
 * The pages of mappings of one kind. Lists of mappings are shared by all snapshots between which they did
 * not change, so each is sorted out once.
 *
 * @module
 */

import { PageSet } from "./page_set.ts";
import type { Vma } from "./vma.ts";

const KINDS = {
  /** All of it. */
  mapped: () => true,
  /** What the process can access at all, unlike a reservation. */
  accessible: ({ perms }: Vma) => !perms.startsWith("---"),
  /** What the process can write to as it is mapped now. */
  writable: ({ perms }: Vma) => perms[1] === "w",
  /** Shared memory, and files that are mapped shared. */
  shared: ({ perms }: Vma) => perms[3] === "s",
  /** Of these, what the process can write to. */
  sharedWritable: ({ perms }: Vma) => perms[1] === "w" && perms[3] === "s",
  /** Private memory without a file: a page of it that is gone was given back by the process. */
  anonymous: ({ perms, inode }: Vma) => perms[3] === "p" && inode === "0",
  /** Private memory that can be hugetlb: of a file, and of whole huge pages. */
  mayBeHugetlb: ({ perms, inode, start, end }: Vma) =>
    perms[1] === "w" && perms[3] === "p" && inode !== "0" && start % 512 === 0 && end % 512 === 0,
  /** Rings and buffers that the kernel writes to through a mapping of its own. */
  kernelWritten: ({ name }: Vma) =>
    /^(anon_inode:\[?(perf_event|io_uring|bpf)|socket:\[|\/\[aio\])/.test(name),
} satisfies Record<string, (vma: Vma) => boolean>;

/** A kind of mapping. */
export type MemoryKind = keyof typeof KINDS;

const KNOWN = new WeakMap<readonly Vma[], Partial<Record<MemoryKind, PageSet>>>();

/** The pages of all mappings of a kind. */
export function memoryOf(vmas: readonly Vma[], kind: MemoryKind): PageSet {
  const known = KNOWN.get(vmas) ?? {};
  KNOWN.set(vmas, known);
  return known[kind] ??= PageSet.from(vmas.filter(KINDS[kind]));
}
