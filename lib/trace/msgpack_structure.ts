/**
 * Checks that bytes are exactly one msgpack value before a decoder is let at them. A decoder believes
 * declared lengths, and allocates for them; a file of hostile origin may declare four billion elements
 * in five bytes.
 *
 * @module
 */

import { LimitError, MAX_MAPPINGS } from "./limits.ts";

/** Containers within containers: no event has more. */
const MAX_DEPTH = 8;

/** Arrays and maps of a record that are no rows. */
const OTHER_CONTAINERS = 200;

/** Elements of all arrays: each takes eight bytes in memory. A mapping has seven. */
const MAX_ELEMENTS = 1 << 22;

/** A shorter value, which a writer made, has neither too many arrays nor too many elements. */
export const NEVER_TOO_LARGE_BYTES = Math.min(MAX_MAPPINGS, MAX_ELEMENTS);

/** Entries of all maps, of which the header and events of version 1 have some. */
const MAX_ENTRIES = 10_000;

/** Bytes of payload after the first byte, for `0xc0` to `0xdf`; a negative number counts the bytes of a length. */
const FIXED: Readonly<Record<number, number>> = {
  0xc0: 0, // nil
  0xc2: 0, // false
  0xc3: 0, // true
  0xca: 4, // float 32
  0xcb: 8, // float 64
  0xcc: 1, // uint 8
  0xcd: 2, // uint 16
  0xce: 4, // uint 32
  0xcf: 8, // uint 64
  0xd0: 1, // int 8
  0xd1: 2, // int 16
  0xd2: 4, // int 32
  0xd3: 8, // int 64
};

/** How many bytes the length has, for values that declare one in bytes. */
const SIZED: Readonly<Record<number, number>> = {
  0xc4: 1, // bin 8
  0xc5: 2, // bin 16
  0xc6: 4, // bin 32
  0xd9: 1, // str 8
  0xda: 2, // str 16
  0xdb: 4, // str 32
};

/**
 * Passes if `bytes` hold one msgpack value of nil, booleans, numbers, text, binary, arrays and maps,
 * and end with it.
 *
 * @param rowCount arrays and maps in it, besides a few: an empty one takes a byte in a file and a
 *   hundred in memory
 * @throws RangeError if a length goes past the end, values are left over, nesting is too deep, or an
 * extension type occurs.
 */
export function assertOneValue(bytes: Uint8Array, rowCount = MAX_MAPPINGS): void {
  const end = skipValue(bytes, 0, 0, {
    rows: rowCount,
    containers: rowCount + OTHER_CONTAINERS,
    elements: MAX_ELEMENTS,
    entries: MAX_ENTRIES,
  });
  if (end !== bytes.length) throw new RangeError(`${bytes.length - end} bytes too many`);
}

/** What may still be spent on one value. */
interface Budget {
  readonly rows: number;
  containers: number;
  elements: number;
  entries: number;
}

/** Returns where the value at `offset` ends. Each element takes a byte at least, so lengths are bounded. */
function skipValue(bytes: Uint8Array, offset: number, depth: number, left: Budget): number {
  if (offset >= bytes.length) throw new RangeError("A value is missing");
  if (depth > MAX_DEPTH) throw new RangeError(`Nested deeper than ${MAX_DEPTH}`);
  const first = bytes[offset];
  let at = offset + 1;
  if (first <= 0x7f || first >= 0xe0) return at;
  if (first in FIXED) return within(bytes, at + FIXED[first]);
  if (first in SIZED) {
    const lengthBytes = SIZED[first];
    return within(bytes, at + lengthBytes + readLength(bytes, at, lengthBytes));
  }
  if (first >= 0xa0 && first <= 0xbf) return within(bytes, at + (first & 0x1f));
  let count: number;
  if (first <= 0x8f) count = (first & 0x0f) * 2;
  else if (first <= 0x9f) count = first & 0x0f;
  else if (first >= 0xdc && first <= 0xdf) {
    const lengthBytes = first % 2 === 0 ? 2 : 4;
    count = readLength(bytes, at, lengthBytes) * (first >= 0xde ? 2 : 1);
    at += lengthBytes;
  } else throw new RangeError(`Byte 0x${first.toString(16)} begins no value of a trace`);
  if (--left.containers < 0) {
    throw new LimitError(`it has more than ${left.rows} mappings or processes`);
  }
  const isMap = first <= 0x8f || first >= 0xde;
  if (isMap && (left.entries -= count / 2) < 0) throw new RangeError("A map has too many entries");
  if ((left.elements -= count) < 0) throw new RangeError(`More than ${MAX_ELEMENTS} elements`);
  if (count > bytes.length - at) throw new RangeError(`${count} elements do not fit`);
  for (let i = 0; i < count; i++) at = skipValue(bytes, at, depth + 1, left);
  return at;
}

function readLength(bytes: Uint8Array, offset: number, lengthBytes: number): number {
  within(bytes, offset + lengthBytes);
  let length = 0;
  for (let i = 0; i < lengthBytes; i++) length = length * 256 + bytes[offset + i];
  return length;
}

function within(bytes: Uint8Array, end: number): number {
  if (end > bytes.length) throw new RangeError(`A length goes ${end - bytes.length} bytes too far`);
  return end;
}
