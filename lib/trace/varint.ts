/**
 * LEB128 varints: seven bits a byte, least significant first, the top bit set on all bytes but the last.
 *
 * @module
 */

/** A varint of a number below 2^53 has at most eight bytes. */
export const MAX_VARINT_BYTES = 8;

/** Bytes, and where the next number begins. */
export interface VarintCursor {
  readonly bytes: Uint8Array;
  at: number;
}

/** Writes a number at the cursor; there must be room for {@linkcode MAX_VARINT_BYTES}. */
export function writeVarint(cursor: VarintCursor, value: number): void {
  const { bytes } = cursor;
  let rest = value;
  while (rest > 0x7f) {
    bytes[cursor.at++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  bytes[cursor.at++] = rest;
}

/**
 * Reads the number at the cursor.
 *
 * @throws RangeError if the bytes end within it, or it is 2^53 or more.
 */
export function readVarint(cursor: VarintCursor): number {
  const { bytes } = cursor;
  let value = 0;
  let scale = 1;
  for (let i = 0; i < MAX_VARINT_BYTES; i++, scale *= 0x80) {
    if (cursor.at >= bytes.length) throw new RangeError("The last number has no end");
    const byte = bytes[cursor.at++];
    value += (byte & 0x7f) * scale;
    if (byte > 0x7f) continue;
    if (!Number.isSafeInteger(value)) break;
    return value;
  }
  throw new RangeError("A number has more than 53 bits");
}
