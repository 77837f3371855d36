/**
 * Numbers of the kernel's interface, as on all machines of this project.
 *
 * @module
 */

/** The size of a page in bytes. */
export const PAGE = 4096;

/** Pages in a huge page. */
export const HUGE_PAGES = 512;

/** PROT_*, mmap(2). */
export const PROT = { none: 0, read: 1, readWrite: 3, readExecute: 5 } as const;

/** MAP_*, mmap(2). */
export const MAP = {
  shared: 0x1,
  private: 0x2,
  droppable: 0x8,
  fixed: 0x10,
  anonymous: 0x20,
  growsDown: 0x100,
  noReserve: 0x4000,
  hugetlb: 0x40000,
} as const;

/** MREMAP_*, mremap(2). */
export const MREMAP = { mayMove: 1, fixed: 2, dontUnmap: 4 } as const;

/** MADV_*, madvise(2). */
export const ADVICE = {
  dontNeed: 4,
  free: 8,
  remove: 9,
  dontFork: 10,
  mergeable: 12,
  hugePage: 14,
  pageOut: 21,
  populateRead: 22,
  populateWrite: 23,
  collapse: 25,
  guardInstall: 102,
  guardRemove: 103,
} as const;

/** O_RDWR | O_CREAT | O_EXCL, open(2). */
export const OPEN_NEW = 0o2 | 0o100 | 0o200;

/** O_RDONLY | O_DIRECT on x86-64, open(2). */
export const OPEN_DIRECT = 0o40000;

/** Numbers of system calls that the C library may have no function for; the same on all machines. */
export const CALL = {
  ioUringSetup: 425,
  ioUringEnter: 426,
  ioUringRegister: 427,
  memfdSecret: 447,
} as const;

/** MS_SYNC, msync(2). */
export const MS_SYNC = 4;
