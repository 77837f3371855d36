/**
 * The memory of a process that is not there.
 *
 * @module
 */

import type { ProcessMemory } from "../../lib/kernel/proc/proc_files.ts";

/** Bytes from `start` on; nothing is mapped beyond them. */
export class FakeMemory implements ProcessMemory {
  readonly bytes: Uint8Array;
  readonly #start: number;

  constructor(start: number, length: number) {
    this.#start = start;
    this.bytes = new Uint8Array(length);
  }

  /** Puts bytes at an address. */
  put(address: number, bytes: Iterable<number>): void {
    this.bytes.set(Array.from(bytes), address - this.#start);
  }

  read(bytes: Uint8Array, address: number): number {
    const part = this.#part(bytes.length, address);
    bytes.set(part);
    return part.length;
  }

  write(bytes: Uint8Array, address: number): number {
    const part = this.#part(bytes.length, address);
    part.set(bytes.subarray(0, part.length));
    return part.length;
  }

  close(): void {}

  #part(length: number, address: number): Uint8Array {
    const at = address - this.#start;
    return at < 0 ? new Uint8Array(0) : this.bytes.subarray(at, at + length);
  }
}
