/**
 * A ring of io_uring in the target, as far as the modes need one; io_uring(7).
 *
 * @module
 */

import { CallFailed } from "../call_failed.ts";
import { CALL, MAP, PAGE, PROT } from "../constants.ts";
import { LeftOut } from "../mode.ts";
import type { Memory } from "../memory.ts";
import type { Target } from "../target.ts";

const ENTRIES = 4;
const SQES_OFFSET = 0x10000000;
const REGISTER_BUFFERS = 0;
const READ_FIXED = 4;
const GET_EVENTS = 1;
/** Where `struct io_uring_params` has its offsets of the submission queue, and in those. */
const SQ_OFFSETS = 40;
const SQ = { tail: 4, array: 24 } as const;

/** One ring. What it needs lies in pages of the area that no mode uses. */
export class Ring {
  readonly #target: Target;
  readonly #file: number;
  readonly #scratch: Memory;

  private constructor(target: Target, file: number, scratch: Memory) {
    this.#target = target;
    this.#file = file;
    this.#scratch = scratch;
  }

  /** @throws LeftOut where none is to be had */
  static async open(target: Target): Promise<Ring> {
    const scratch = await target.map(4096, 2);
    const call = target.call("syscall", CALL.ioUringSetup, ENTRIES, scratch.address, 0, 0, 0);
    const file = await target.descriptor(call).catch((error) => {
      if (!(error instanceof CallFailed)) throw error;
      throw new LeftOut("no io_uring");
    });
    return new Ring(target, file, scratch);
  }

  /** Registers a buffer; that writes to its pages as the process itself does. */
  async register(memory: Memory): Promise<void> {
    const vector = this.#scratch.at(1);
    const words = new BigUint64Array([BigInt(memory.address), BigInt(memory.bytes)]);
    this.#target.poke(vector, new Uint8Array(words.buffer));
    await this.#target.call(
      "syscall",
      CALL.ioUringRegister,
      this.#file,
      REGISTER_BUFFERS,
      vector,
      1,
      0,
    );
  }

  /** Has the kernel read the beginning of a file into a part of the registered buffer. */
  async readFixed(file: number, memory: Memory): Promise<void> {
    const target = this.#target;
    const offsets = target.peek(this.#scratch.address + SQ_OFFSETS, 40);
    const rings = await this.#map(0);
    const entries = await this.#map(SQES_OFFSET);
    const entry = new DataView(new ArrayBuffer(64));
    entry.setUint8(0, READ_FIXED);
    entry.setInt32(4, file, true);
    entry.setBigUint64(16, BigInt(memory.address), true);
    entry.setUint32(24, memory.bytes, true);
    // Older kernels let only the process itself write to a ring.
    await this.#write(entries, new Uint8Array(entry.buffer));
    await this.#write(rings + offsets.getUint32(SQ.array, true), [0]);
    await this.#write(rings + offsets.getUint32(SQ.tail, true), [1]);
    await target.call("syscall", CALL.ioUringEnter, this.#file, 1, 1, GET_EVENTS, 0);
    for (const address of [rings, entries]) await target.call("munmap", address, PAGE);
  }

  /** Maps a page of the ring where the kernel wants it; elsewhere newer kernels do not let it be. */
  #map(offset: number): Promise<number> {
    return this.#target.call("mmap", 0, PAGE, PROT.readWrite, MAP.shared, this.#file, offset);
  }

  async #write(address: number, bytes: Iterable<number>): Promise<void> {
    let at = address;
    for (const byte of bytes) await this.#target.call("memset", at++, byte, 1);
  }
}
