/**
 * Open files of `/proc`, as they are read and written at positions.
 *
 * @module
 */

import { closeSync, readSync, writeSync } from "node:fs";

/** A file of `/proc` that is read at positions. */
export interface ProcFile {
  /** For calls that take a descriptor. */
  readonly descriptor: number;
  /** Fills `bytes` from `position`; fewer bytes than asked for mean that there is no more. */
  read(bytes: Uint8Array, position: number): number;
  close(): void;
}

/** The memory of a process. */
export interface ProcessMemory {
  /** Returns how many bytes could be read; 0 if nothing is mapped there. */
  read(bytes: Uint8Array, address: number): number;
  /** Returns how many bytes could be written; 0 if nothing is mapped there. */
  write(bytes: Uint8Array, address: number): number;
  close(): void;
}

/** A file by its descriptor. */
export function procFile(descriptor: number): ProcFile {
  return {
    descriptor,
    read: (bytes, position) => readFully(descriptor, bytes, position),
    close: () => closeSync(descriptor),
  };
}

/** Memory by the descriptor of `mem`. */
export function processMemory(descriptor: number): ProcessMemory {
  return {
    read: (bytes, address) => reached(() => readSync(descriptor, bytes, 0, bytes.length, address)),
    write: (bytes, address) =>
      reached(() => writeSync(descriptor, bytes, 0, bytes.length, address)),
    close: () => closeSync(descriptor),
  };
}

/** How many bytes an access to memory reached. */
function reached(access: () => number): number {
  try {
    return access();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EIO") throw error;
    return 0;
  }
}

function readFully(file: number, bytes: Uint8Array, position: number): number {
  let length = 0;
  while (length < bytes.length) {
    const count = readSync(file, bytes, length, bytes.length - length, position + length);
    if (count === 0) break;
    length += count;
  }
  return length;
}
