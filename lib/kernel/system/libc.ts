/**
 * The calls that files cannot make, over koffi. It is loaded at the first call, so that reading a
 * trace needs no native code.
 *
 * Pointers are plain numbers, into memory of {@linkcode mapAnonymous}: unlike a typed array of the
 * runtime, it does not move, and structs may point into it.
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

/** A call failed. */
export class SystemCallError extends Error {
  /** The name of the error number, as `EPERM`. */
  readonly code: string;

  constructor(call: string, errno: number) {
    const code = errnoName(errno);
    super(`${call} failed: ${code}`);
    this.code = code;
  }

  override get name(): string {
    return "SystemCallError";
  }
}

const PROT_READ_WRITE = 0x1 | 0x2;
const PROT_NONE = 0;
const MAP_PRIVATE_ANONYMOUS = 0x2 | 0x20;
const O_CLOEXEC = 0o2000000;
const O_NONBLOCK = 0o4000;
const MAP_FIXED = 0x10;
/** Whole pages, whatever their size. */
const GUARD_BYTES = 1 << 16;
const P_PID = 1;

type Call = (...args: number[]) => number;

interface Libc {
  readonly koffi: typeof import("koffi");
  /** The `errno` of this thread itself. */
  readonly errno: Int32Array;
  readonly mmap: Call;
  readonly munmap: Call;
  readonly syscall: Call;
  readonly ioctl: Call;
  readonly ptrace: Call;
  readonly waitid: Call;
  readonly close: Call;
  readonly pipe2: (ends: number[], flags: number) => number;
  readonly read: (file: number, bytes: Uint8Array, lengthBytes: number) => number;
  readonly write: (file: number, text: string, lengthBytes: number) => number;
}

let loaded: Libc | undefined;

function libc(): Libc {
  if (loaded !== undefined) return loaded;
  const koffi = createRequire(import.meta.url)("koffi") as typeof import("koffi");
  const library = koffi.load(null);
  const errnoAddress = library.func("intptr_t __errno_location()")();
  return loaded = {
    koffi,
    errno: new Int32Array(koffi.view(errnoAddress, 4)),
    mmap: library.func(
      "intptr_t mmap(intptr_t addr, size_t length, int prot, int flags, int fd, int64_t offset)",
    ),
    munmap: library.func("int munmap(intptr_t addr, size_t length)"),
    syscall: library.func("long syscall(long nr, long a, long b, long c, long d, long e)"),
    ioctl: library.func("int ioctl(int fd, unsigned long request, intptr_t argument)"),
    ptrace: library.func("long ptrace(long request, int pid, intptr_t addr, intptr_t data)"),
    waitid: library.func("int waitid(int type, int id, intptr_t information, int options)"),
    close: library.func("int close(int fd)"),
    pipe2: library.func("int pipe2(_Out_ int *ends, int flags)"),
    read: library.func("intptr_t read(int fd, _Out_ uint8_t *bytes, size_t length)"),
    write: library.func("intptr_t write(int fd, const char *text, size_t length)"),
  };
}

/** Makes a call that returns -1 if it fails. */
function attempt(name: string, call: (libc: Libc) => number): number {
  const library = libc();
  const result = call(library);
  // At once: whatever the runtime does in between may change it, were it to collect garbage.
  const errno = library.errno[0];
  if (result === -1) throw new SystemCallError(name, errno);
  return result;
}

/**
 * Maps private anonymous memory that nothing else uses; mmap(2).
 *
 * @throws Error if koffi has no build for this platform, or the kernel has no memory.
 */
export function mapAnonymous(lengthBytes: number): OwnMapping {
  const { koffi, munmap } = libc();
  const address = attempt(
    `mmap of ${lengthBytes} bytes`,
    ({ mmap }) => mmap(0, lengthBytes, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0),
  );
  return {
    address,
    bytes: new Uint8Array(koffi.view(address, lengthBytes)),
    unmap: () => munmap(address, lengthBytes),
  };
}

/**
 * The same, with memory before and behind it that may not be touched: so the kernel does not merge it
 * with a neighbour that is mapped later, which would make it new as a whole (VM_SOFTDIRTY).
 */
export function mapIsolated(lengthBytes: number): OwnMapping {
  const { koffi, munmap } = libc();
  const wholeBytes = lengthBytes + 2 * GUARD_BYTES;
  const call = `mmap of ${wholeBytes} bytes`;
  const whole = attempt(
    call,
    ({ mmap }) => mmap(0, wholeBytes, PROT_NONE, MAP_PRIVATE_ANONYMOUS, -1, 0),
  );
  const flags = MAP_PRIVATE_ANONYMOUS | MAP_FIXED;
  const address = attempt(
    call,
    ({ mmap }) => mmap(whole + GUARD_BYTES, lengthBytes, PROT_READ_WRITE, flags, -1, 0),
  );
  return {
    address,
    bytes: new Uint8Array(koffi.view(address, lengthBytes)),
    unmap: () => munmap(whole, wholeBytes),
  };
}

/** syscall(2): a call that the C library may have no function for. */
export function systemCall(name: string, number: number, ...args: readonly number[]): number {
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = args;
  return attempt(name, ({ syscall }) => syscall(number, a, b, c, d, e));
}

/** Closes a descriptor that did not come from the runtime; close(2). */
export function closeDescriptor(file: number): void {
  attempt("close", ({ close }) => close(file));
}

/** A pipe whose ends a child process does not inherit by itself; pipe2(2). */
export function openPipe(
  { isBlocking = true } = {},
): { readonly readEnd: number; readonly writeEnd: number } {
  const ends = [-1, -1];
  attempt("pipe2", ({ pipe2 }) => pipe2(ends, O_CLOEXEC | (isBlocking ? 0 : O_NONBLOCK)));
  return { readEnd: ends[0], writeEnd: ends[1] };
}

/** Writes a short ASCII text to a descriptor that did not come from the runtime; write(2). */
export function writeText(file: number, text: string): void {
  attempt("write", ({ write }) => write(file, text, text.length));
}

/**
 * Reads one byte from a descriptor that did not come from the runtime and does not block; read(2).
 *
 * @returns undefined if there is none, or there will be none
 */
export function readByte(file: number): number | undefined {
  const bytes = new Uint8Array(1);
  try {
    return attempt("read", ({ read }) => read(file, bytes, 1)) === 1 ? bytes[0] : undefined;
  } catch (error) {
    if (failedWith(error, "EAGAIN", "EWOULDBLOCK")) return undefined;
    throw error;
  }
}

/**
 * ioctl(2) that is expected to fail: an error object costs more than the call.
 *
 * @returns the error number, or undefined if it succeeded
 */
export function ioctlFailure(file: number, request: number, argument: number): number | undefined {
  const { ioctl, errno } = libc();
  const result = ioctl(file, request, argument);
  // At once, as above.
  const number = errno[0];
  return result === -1 ? number : undefined;
}

/** ioctl(2). */
export function ioctl(name: string, file: number, request: number, argument: number): number {
  return attempt(`ioctl ${name}`, (libc) => libc.ioctl(file, request, argument));
}

/** ptrace(2), but for PEEK requests. All calls on one tracee must come from one thread. */
export function ptrace(name: string, request: number, tid: number, addr = 0, data = 0): number {
  return attempt(`ptrace ${name}`, (libc) => libc.ptrace(request, tid, addr, data));
}

/** waitid(2) for one process or thread, which stores a `siginfo_t` at `informationAddress`. */
export function waitid(tid: number, informationAddress: number, options: number): void {
  attempt("waitid", (libc) => libc.waitid(P_PID, tid, informationAddress, options));
}

/** True for a call that failed with one of these error numbers. */
export function failedWith(error: unknown, ...codes: readonly string[]): error is SystemCallError {
  return error instanceof SystemCallError && codes.includes(error.code);
}

const errnoNames = new Map<number, string>();

function errnoName(errno: number): string {
  if (errnoNames.size === 0) {
    const names = Object.entries(libc().koffi.os.errno);
    // The first name of a number is used.
    for (const [name, number] of names.reverse()) errnoNames.set(number, name);
  }
  return errnoNames.get(errno) ?? `errno ${errno}`;
}
