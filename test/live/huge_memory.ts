/**
 * Memory of huge pages.
 *
 * @module
 */

import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const MAP_PRIVATE_ANONYMOUS = 0x22;
const MAP_PRIVATE_ANONYMOUS_HUGETLB = 0x40022;
const MADV_HUGEPAGE = 14;
const HUGE_PAGE_BYTES = 1 << 21;

const koffi = createRequire(import.meta.url)("koffi") as typeof import("koffi");
const library = koffi.load(null);
const mmap = library.func(
  "intptr_t mmap(intptr_t a, size_t n, int prot, int flags, int fd, int64_t o)",
);
const madvise = library.func("int madvise(intptr_t a, size_t n, int advice)");
const munmap = library.func("int munmap(intptr_t a, size_t n)");

/** Lends private hugetlb memory of this process to `use`. */
export function withHugePages<T>(lengthBytes: number, use: (memory: Uint8Array) => T): T {
  writeFileSync("/proc/sys/vm/nr_hugepages", "4");
  const address = mmap(0, lengthBytes, 3, MAP_PRIVATE_ANONYMOUS_HUGETLB, -1, 0);
  if (address === -1) throw new Error(`mmap failed: errno ${koffi.errno()}`);
  try {
    return use(new Uint8Array(koffi.view(address, lengthBytes)));
  } finally {
    munmap(address, lengthBytes);
  }
}

/** Lends `count` transparent huge pages of this process to `use`. */
export function withTransparentHugePages<T>(
  count: number,
  use: (memory: Uint8Array, address: number) => T,
): T {
  const lengthBytes = (count + 1) * HUGE_PAGE_BYTES;
  const start = mmap(0, lengthBytes, 3, MAP_PRIVATE_ANONYMOUS, -1, 0);
  if (start === -1) throw new Error(`mmap failed: errno ${koffi.errno()}`);
  try {
    const address = Math.ceil(start / HUGE_PAGE_BYTES) * HUGE_PAGE_BYTES;
    madvise(address, count * HUGE_PAGE_BYTES, MADV_HUGEPAGE);
    const memory = new Uint8Array(koffi.view(address, count * HUGE_PAGE_BYTES));
    for (let i = 0; i < count; i++) memory[i * HUGE_PAGE_BYTES] = 1;
    return use(memory, address);
  } finally {
    munmap(start, lengthBytes);
  }
}
