/**
 * Memory of huge pages.
 *
 * @module
 */

import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const MAP_PRIVATE_ANONYMOUS_HUGETLB = 0x40022;

const koffi = createRequire(import.meta.url)("koffi") as typeof import("koffi");
const library = koffi.load(null);
const mmap = library.func(
  "intptr_t mmap(intptr_t a, size_t n, int prot, int flags, int fd, int64_t o)",
);
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
