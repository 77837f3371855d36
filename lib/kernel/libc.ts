/**
 * The calls that files cannot make, over koffi. It is loaded at the first call, so that reading a
 * trace needs no native code.
 *
 * @module
 */

import { createRequire } from "node:module";

/** A piece of this process's own memory. */
export interface OwnMapping {
  readonly address: number;
  /** The memory itself; it must not be touched after `unmap`. */
  readonly bytes: Uint8Array;
  /** Gives it back; munmap(2). */
  unmap(): void;
}

const PROT_READ_WRITE = 0x1 | 0x2;
const MAP_PRIVATE_ANONYMOUS = 0x2 | 0x20;

let koffi: typeof import("koffi") | undefined;

/**
 * Maps private anonymous memory that nothing else uses; mmap(2).
 *
 * @throws Error if koffi has no build for this platform, or the kernel has no memory.
 */
export function mapAnonymous(lengthBytes: number): OwnMapping {
  koffi ??= createRequire(import.meta.url)("koffi") as typeof import("koffi");
  const library = koffi.load(null);
  const mmap = library.func(
    "intptr_t mmap(intptr_t addr, size_t length, int prot, int flags, int fd, int64_t offset)",
  );
  const munmap = library.func("int munmap(intptr_t addr, size_t length)");
  const address: number = mmap(0, lengthBytes, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0);
  if (address === -1) {
    throw new Error(`mmap of ${lengthBytes} bytes failed: errno ${koffi.errno()}`);
  }
  return {
    address,
    bytes: new Uint8Array(koffi.view(address, lengthBytes)),
    unmap: () => munmap(address, lengthBytes),
  };
}
