/**
 * Small files of the kernel that are read again and again.
 *
 * @module
 */

import { closeSync, openSync, readSync } from "node:fs";

/** More than any of these files holds. */
const BYTES = 1 << 15;
const decoder = new TextDecoder("latin1");
let buffer: Uint8Array | undefined;

/** A file that stays open: to open it costs several times as much as to read it. */
export class KeptText {
  readonly #path: string;
  #descriptor: number | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** What it holds now, up to 32 KiB; empty if it does not exist or cannot be read. */
  read(): string {
    try {
      this.#descriptor ??= openSync(this.#path, "r");
      buffer ??= new Uint8Array(BYTES);
      return decoder.decode(
        buffer.subarray(0, readSync(this.#descriptor, buffer, 0, BYTES, 0)),
      );
    } catch {
      this.close();
      return "";
    }
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}
