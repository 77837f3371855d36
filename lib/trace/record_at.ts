/**
 * Reads one record whose place is known.
 *
 * @module
 */

import { decodeBody, plainType } from "./body.ts";
import type { ByteSource } from "./byte_source.ts";
import { isIntact, parseFrame } from "./frame.ts";
import { LimitError } from "./limits.ts";
import { RECORD_TYPES } from "./schema.ts";

/** Most records are not longer, so one read of the file is enough. */
const MIN_READ_BYTES = 1 << 12;
const MAX_READ_BYTES = 1 << 18;

/** A record is intact, but cannot be decoded without another one, which is damaged. */
export class MissingBaseError extends RangeError {}

/** The contents of a record, and where it ends. */
export interface RecordAt {
  readonly value: unknown;
  readonly end: number;
}

/**
 * Reads the record at a place.
 *
 * @param type the number of the expected type
 * @param likelyBytes its expected length
 * @throws RangeError if there is no record, or it is damaged or of another type.
 */
export function recordAt(
  source: ByteSource,
  offset: number,
  type: number,
  likelyBytes = 0,
): RecordAt {
  const first = Math.min(Math.max(likelyBytes, MIN_READ_BYTES), MAX_READ_BYTES);
  let bytes = source.read(offset, first);
  const frame = parseFrame(bytes);
  if (frame === undefined) throw new RangeError("no record begins there");
  // Checked before the read: the length in a damaged head can be far more than the file has.
  if (frame.lengthBytes > source.sizeBytes - offset) throw new RangeError("it is incomplete");
  if (frame.lengthBytes > bytes.length) bytes = source.read(offset, frame.lengthBytes);
  if (frame.lengthBytes > bytes.length) throw new RangeError("it is incomplete");
  if (!isIntact(bytes, frame)) throw new RangeError("its checksum is not that of its bytes");
  if (plainType(frame.type) !== type) throw new RangeError("it is not what the index says");
  const body = bytes.subarray(frame.bodyOffset, frame.lengthBytes);
  // A record takes more bytes in the file than a quarter of what its entry takes in the index.
  const maxBytes = type === RECORD_TYPES.index ? source.sizeBytes * 4 + (1 << 16) : Infinity;
  return { value: decodeBody(frame.type, body, maxBytes), end: offset + frame.lengthBytes };
}

/**
 * Reads a record that another one is delta-encoded against; the error names it if it is damaged.
 *
 * @throws MissingBaseError if it is damaged.
 */
export function readBase<T>(type: string, offset: number, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof RangeError) || cause instanceof MissingBaseError) throw cause;
    if (cause instanceof LimitError) {
      throw new LimitError(
        `it is delta-encoded against the ${type} record at byte ${offset}, which is too large: ${cause.message}`,
        { cause },
      );
    }
    throw new MissingBaseError(
      `it is delta-encoded against the ${type} record at byte ${offset}, which is damaged: ${cause.message}`,
      { cause },
    );
  }
}
