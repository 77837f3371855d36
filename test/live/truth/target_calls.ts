/**
 * The C library, as the target process calls it.
 *
 * @module
 */

import { createRequire } from "node:module";

const koffi = createRequire(import.meta.url)("koffi") as typeof import("koffi");
const library = koffi.load(null);

/** What may be called. Pointers are plain numbers. */
const CALLS = {
  mmap: "intptr_t mmap(intptr_t a, size_t n, int prot, int flags, int fd, int64_t offset)",
  munmap: "int munmap(intptr_t a, size_t n)",
  mremap: "intptr_t mremap(intptr_t a, size_t from, size_t to, int flags, intptr_t b)",
  mprotect: "int mprotect(intptr_t a, size_t n, int prot)",
  madvise: "int madvise(intptr_t a, size_t n, int advice)",
  mlock: "int mlock(intptr_t a, size_t n)",
  msync: "int msync(intptr_t a, size_t n, int flags)",
  sbrk: "intptr_t sbrk(intptr_t n)",
  gettid: "int gettid()",
  prctl: "int prctl(int option, long a, long b, long c, long d)",
  memfd_create: "int memfd_create(str name, int flags)",
  ftruncate: "int ftruncate(int fd, int64_t n)",
  open: "int open(str path, int flags, int mode)",
  unlink: "int unlink(str path)",
  fsync: "int fsync(int fd)",
  close: "int close(int fd)",
  pread: "long pread(int fd, intptr_t a, size_t n, int64_t offset)",
  pwrite: "long pwrite(int fd, intptr_t a, size_t n, int64_t offset)",
  pipe: "int pipe(intptr_t descriptors)",
  read: "long read(int fd, intptr_t a, size_t n)",
  write: "long write(int fd, intptr_t a, size_t n)",
  kill: "int kill(int pid, int signal)",
  waitpid: "int waitpid(int pid, intptr_t status, int options)",
  memcpy: "intptr_t memcpy(intptr_t to, intptr_t from, size_t n)",
  memset: "intptr_t memset(intptr_t a, int byte, size_t n)",
  syscall: "long syscall(long number, intptr_t a, intptr_t b, intptr_t c, intptr_t d, intptr_t e)",
  strnlen: "size_t strnlen(intptr_t a, size_t n)",
} as const;

/** A function of the C library. */
export type CallName = keyof typeof CALLS;

const functions = new Map(
  Object.entries(CALLS).map(([name, signature]) => [name, library.func(signature)]),
);

/** A call failed; the message is the name of the error number. */
export class Failed extends Error {}

/** Calls a function, and returns what it returns. */
export function call(name: CallName, ...args: ReadonlyArray<number | string>): number {
  const result = functions.get(name)!(...args) as number;
  if (result === -1) throw new Failed(errnoName(koffi.errno()));
  return result;
}

/**
 * Keeps this thread, and what it forks, on the processor that it runs on. Pages wait in a list of the
 * processor that touched them first, where neither reclaim nor MADV_FREE by another one finds them.
 */
export function stayOnProcessor(): void {
  const processor = library.func("int sched_getcpu()")() as number;
  const mask = new Uint8Array(128);
  mask[processor >> 3] = 1 << (processor & 7);
  const set = library.func("int sched_setaffinity(int tid, size_t n, const uint8_t *mask)");
  if (set(0, mask.length, mask) !== 0) throw new Failed(errnoName(koffi.errno()));
}

const STUB = koffi.proto("int stub(int a, int b)");

/** Calls machine code that takes two numbers and returns what a system call does. */
export function callCode(address: number, a: number, b: number): number {
  const result = koffi.call(address, STUB, a, b) as number;
  if (result < 0) throw new Failed(errnoName(-result));
  return result;
}

/** Memory of this process as an array. */
export function memoryAt(address: number, lengthBytes: number): ArrayBuffer {
  return koffi.view(address, lengthBytes);
}

function errnoName(number: number): string {
  const { errno } = koffi.os;
  return Object.keys(errno).find((name) => errno[name] === number) ?? `errno ${number}`;
}
