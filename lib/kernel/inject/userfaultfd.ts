/**
 * A userfaultfd in asynchronous write-protect mode: the kernel resolves each write fault by itself,
 * and no thread waits; the kernel's `Documentation/admin-guide/mm/userfaultfd.rst`.
 *
 * @module
 */

import { constants } from "node:os";
import {
  closeDescriptor,
  ioctl,
  ioctlFailure,
  mapAnonymous,
  type OwnMapping,
  systemCall,
  SystemCallError,
} from "../system/libc.ts";
import type { Arch } from "./arch.ts";

/** O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY, which needs no privilege. */
export const USERFAULTFD_FLAGS = 0o2000000 | 0o4000 | 1;

const UFFDIO_API = 0xc018aa3f;
const UFFDIO_REGISTER = 0xc020aa00;
const API_VERSION = 0xaa;
const REGISTER_MODE_WP = 2;

const FEATURES = {
  pagefaultFlagWp: 1 << 0,
  wpHugetlbfsShmem: 1 << 12,
  wpUnpopulated: 1 << 13,
  wpAsync: 1 << 15,
};

/** Why a range could not be registered. */
export type RegisterFailure =
  /** Another userfaultfd has it. */
  | "taken"
  /** It can never be written through this mapping. */
  | "read-only"
  /** The kernel cannot protect such memory. */
  | "unsupported"
  /** The address space is no more. */
  | "gone"
  /** Something else is mapped there by now. */
  | "changed";

const { EBUSY, EINVAL, ENOENT, ENOMEM, EPERM, ESRCH } = constants.errno;

const FAILURES: ReadonlyMap<number, RegisterFailure> = new Map([
  [EBUSY, "taken"],
  [EPERM, "read-only"],
  [EINVAL, "unsupported"],
  [ESRCH, "gone"],
  [ENOMEM, "changed"],
  [ENOENT, "changed"],
]);

/**
 * Makes one for this process itself.
 *
 * @throws SystemCallError
 */
export function ownUserfaultfd({ syscalls }: Arch): number {
  return systemCall("userfaultfd", syscalls.userfaultfd, USERFAULTFD_FLAGS);
}

let scratch: { readonly memory: OwnMapping; readonly words: BigUint64Array } | undefined;

function argument(...words: number[]): number {
  if (scratch === undefined) {
    const memory = mapAnonymous(4096);
    scratch = {
      memory,
      words: new BigUint64Array(memory.bytes.buffer, memory.bytes.byteOffset, 8),
    };
  }
  words.forEach((word, i) => scratch!.words[i] = BigInt(word));
  return scratch.memory.address;
}

/** One userfaultfd; closing it ends all that it protects, at once. */
export class Userfaultfd {
  readonly #descriptor: number;

  /**
   * Agrees with the kernel on what a new userfaultfd is for.
   *
   * @throws SystemCallError with EINVAL if this kernel has no such mode (before 6.7).
   */
  constructor(descriptor: number) {
    this.#descriptor = descriptor;
    const features = Object.values(FEATURES).reduce((all, feature) => all | feature);
    ioctl("UFFDIO_API", descriptor, UFFDIO_API, argument(API_VERSION, features, 0));
  }

  /** Registers a mapping; undefined if that was done. Addresses and lengths are in bytes. */
  register(address: number, lengthBytes: number): RegisterFailure | undefined {
    const range = argument(address, lengthBytes, REGISTER_MODE_WP, 0);
    for (let isAgain = false;; isAgain = true) {
      const errno = ioctlFailure(this.#descriptor, UFFDIO_REGISTER, range);
      if (errno === undefined) return undefined;
      const failure = FAILURES.get(errno);
      if (failure !== undefined) return failure;
      // Once in some hundred thousand calls it is EAGAIN, which the kernel documents for others alone.
      if (isAgain) throw new SystemCallError("ioctl UFFDIO_REGISTER", errno);
    }
  }

  /** Ends it. */
  close(): void {
    closeDescriptor(this.#descriptor);
  }
}
