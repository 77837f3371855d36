/**
 * Decides which places of damaged bytes are worth the time of a checksum.
 *
 * @module
 */

import { plainType } from "./body.ts";
import type { Frame } from "./frame.ts";
import { eventTypeOf, RECORD_TYPES } from "./schema.ts";

/** Number of bytes of a body that are looked at. */
export const LOOKED_AT_BYTES = 12;

/** The first bytes of a zstd frame. */
const ZSTD = [0x28, 0xb5, 0x2f, 0xfd];

/**
 * False if a place that looks like the head of a frame is not that of a record that this program knows:
 * its type is unknown, or its body does not begin as one of that type does. About one in ten thousand
 * places in random bytes passes.
 *
 * @param body its first bytes, as far as the file has them
 */
export function isLikely({ type, bodyBytes }: Frame, body: Uint8Array): boolean {
  const plain = plainType(type);
  if (plain === RECORD_TYPES.end) return type === plain && bodyBytes === 8;
  const isIndex = plain === RECORD_TYPES.index;
  const isList = plain === RECORD_TYPES.process || plain === RECORD_TYPES.mappings;
  if (!isIndex && !isList && eventTypeOf(plain) === undefined) return false;
  if (type !== plain) return beginsCompressed(body);
  const [first] = body;
  if (isIndex) return first >= 0x80 && first <= 0x8f;
  return (first >= 0x90 && first <= 0x9f) || first === 0xdc || first === 0xdd;
}

function beginsCompressed(body: Uint8Array): boolean {
  const end = body.findIndex((byte) => byte < 0x80);
  return end >= 0 && ZSTD.every((byte, i) => body[end + 1 + i] === byte);
}
