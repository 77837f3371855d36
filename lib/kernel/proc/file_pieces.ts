/**
 * Long texts of `/proc` piece by piece: maps of a process with tens of thousands of mappings of files in
 * deep folders has hundreds of megabytes.
 *
 * @module
 */

import { readSync } from "node:fs";

const PIECE_BYTES = 1 << 20;

/**
 * The lines of an open file, as many as fit into a piece at a time. A longer line is cut.
 *
 * The bytes are the same array each time.
 */
export function* filePieces(file: number): Generator<Uint8Array, void, void> {
  const bytes = new Uint8Array(PIECE_BYTES);
  let length = 0;
  for (let isOver = false; !isOver;) {
    const count = readSync(file, bytes, length, PIECE_BYTES - length, null);
    length += count;
    isOver = count === 0;
    if (!isOver && length < PIECE_BYTES) continue;
    if (length === 0) return;
    const newline = isOver ? length - 1 : bytes.lastIndexOf(0x0a);
    const end = newline < 0 ? length : newline + 1;
    yield bytes.subarray(0, end);
    bytes.copyWithin(0, end, length);
    length -= end;
  }
}
