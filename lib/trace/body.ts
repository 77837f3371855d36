/**
 * The body of a record: one msgpack value, compressed where that pays.
 *
 * @module
 */

import { Packr, Unpackr } from "msgpackr";
import { encodeFrame } from "./frame.ts";
import { MAX_MAPPINGS, MAX_PROCESSES } from "./limits.ts";
import { assertOneValue, NEVER_TOO_LARGE_BYTES } from "./msgpack_structure.ts";
import { RECORD_TYPES } from "./schema.ts";
import { readVarint, type VarintCursor, writeVarint } from "./varint.ts";
import { compress, decompress } from "./zstd.ts";

/** Set in the type byte of a record whose body is compressed. */
const COMPRESSED = 0x80;

/** Shorter bodies are not worth a try. */
const MIN_COMPRESSED_BYTES = 256;

/**
 * A compressed body is not larger than this: a bomb is not let off. An index has some 13 bytes for each
 * event; a header, and lists with less than 64 bytes a mapping, stay below the smaller limit.
 */
const MAX_INDEX_BYTES = 1 << 28;
const MAX_OTHER_BYTES = 1 << 24;

/**
 * Nor is it so many times as large as its compressed bytes, so that what a file costs is bounded by its
 * size. Mappings of long names that are all the same come to half of it.
 */
const MAX_RATIO = 256;

/** The records that may be compressed. The pages of a read are coded already. */
const COMPRESSIBLE: ReadonlySet<number> = new Set([
  RECORD_TYPES.header,
  RECORD_TYPES.mappings,
  RECORD_TYPES.index,
]);

const packr = new Packr({ useRecords: false, variableMapSize: true });
const unpackr = new Unpackr({ useRecords: false, int64AsType: "number" });

/**
 * A record of a value; compressed if its type may be, and it is smaller so.
 *
 * @throws RangeError if it is larger than a reader takes.
 */
export function encodeRecord(type: number, value: unknown): Uint8Array {
  const body = packr.pack(value);
  if (body.length > NEVER_TOO_LARGE_BYTES) assertOneValue(body, maxRows(type));
  return encodeBody(type, body);
}

/** A record of a body, compressed as {@linkcode encodeRecord} does, whether a reader takes it or not. */
export function encodeBody(type: number, body: Uint8Array): Uint8Array {
  if (body.length < MIN_COMPRESSED_BYTES || body.length > maxBodyBytes(type)) {
    return encodeFrame(type, body);
  }
  const compressed = COMPRESSIBLE.has(type) ? compress(body) : undefined;
  if (compressed === undefined || body.length > compressed.length * MAX_RATIO) {
    return encodeFrame(type, body);
  }
  const cursor: VarintCursor = { bytes: new Uint8Array(compressed.length + 8), at: 0 };
  writeVarint(cursor, body.length);
  cursor.bytes.set(compressed, cursor.at);
  const whole = cursor.bytes.subarray(0, cursor.at + compressed.length);
  return whole.length < body.length
    ? encodeFrame(type | COMPRESSED, whole)
    : encodeFrame(type, body);
}

function maxBodyBytes(type: number): number {
  return type === RECORD_TYPES.index ? MAX_INDEX_BYTES : MAX_OTHER_BYTES;
}

function maxRows(type: number): number {
  return type === RECORD_TYPES.index ? MAX_PROCESSES : MAX_MAPPINGS;
}

/** The type of a record without how its body is written. */
export function plainType(type: number): number {
  return type & ~COMPRESSED;
}

/**
 * The value of a body.
 *
 * @param type as the frame has it
 * @param maxBytes a compressed one that is longer is refused
 * @throws RangeError if it is not one msgpack value.
 */
export function decodeBody(type: number, body: Uint8Array, maxBytes = Infinity): unknown {
  const bytes = bodyBytes(type, body, maxBytes);
  try {
    return unpackr.unpack(bytes);
  } catch (cause) {
    // The library has errors of several kinds, as for a map within the key of a map.
    throw new RangeError("A body cannot be unpacked", { cause });
  }
}

/** A body as it is without compression, which is one msgpack value; else as {@linkcode decodeBody}. */
export function bodyBytes(type: number, body: Uint8Array, maxBytes = Infinity): Uint8Array {
  const bytes = (type & COMPRESSED) === 0 ? body : decompressed(plainType(type), body, maxBytes);
  assertOneValue(bytes, maxRows(plainType(type)));
  return bytes;
}

function decompressed(type: number, body: Uint8Array, maxBytes: number): Uint8Array {
  if (!COMPRESSIBLE.has(type)) throw new RangeError("A body is compressed that must not be");
  const cursor: VarintCursor = { bytes: body, at: 0 };
  const lengthBytes = readVarint(cursor);
  const mostBytes = Math.min(maxBodyBytes(type), maxBytes, (body.length - cursor.at) * MAX_RATIO);
  if (lengthBytes > mostBytes) {
    throw new RangeError(`A body of ${lengthBytes} bytes is too long`);
  }
  return decompress(body.subarray(cursor.at), lengthBytes);
}
