/**
 * Finds the index of a file.
 *
 * @module
 */

import type { ByteSource } from "./byte_source.ts";
import type { TraceContents } from "./contents.ts";
import { isIntact, parseFrame } from "./frame.ts";
import { decodeEnd, decodeIndex, END_BYTES } from "./index_codec.ts";
import { recordAt } from "./record_at.ts";
import { RECORD_TYPES } from "./schema.ts";

/** The contents of the index of a file; undefined if it has none, or one that cannot be read. */
export function readIndex(source: ByteSource): TraceContents | undefined {
  const endOffset = source.sizeBytes - END_BYTES;
  if (endOffset < 0) return undefined;
  const bytes = source.read(endOffset, END_BYTES);
  const frame = parseFrame(bytes);
  if (frame === undefined || frame.lengthBytes !== END_BYTES || !isIntact(bytes, frame)) return;
  const offset = decodeEnd(bytes, frame);
  if (offset === undefined) return undefined;
  try {
    const { value, end } = recordAt(source, offset, RECORD_TYPES.index);
    // Otherwise something was appended after the index, which the index does not list.
    return end === endOffset ? decodeIndex(value, offset) : undefined;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return undefined; // it is damaged; the records are found without it
  }
}
