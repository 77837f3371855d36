/**
 * Records as bytes: the length, then one msgpack map.
 *
 * @module
 */

import { Packr, Unpackr } from "msgpackr";
import type { TraceEvent } from "./schema.ts";
import { assertOneValue } from "./msgpack_structure.ts";

/** `0xce` and four bytes, most significant first. */
export const FRAME_BYTES = 5;

/** The largest record that is read or written: some 100 million runs. */
export const MAX_RECORD_BYTES = 1 << 30;

const UINT_32 = 0xce;
const packr = new Packr({ useRecords: false, variableMapSize: true });
const unpackr = new Unpackr({ useRecords: false, int64AsType: "number" });

/**
 * Encodes one event with its length before it. `type` must be its first field.
 *
 * @throws RangeError if it is larger than {@linkcode MAX_RECORD_BYTES}.
 */
export function encodeRecord(event: TraceEvent): Uint8Array {
  const body = packr.pack(event);
  if (body.length > MAX_RECORD_BYTES) {
    throw new RangeError(`A record of ${body.length} bytes is larger than a trace can hold`);
  }
  const record = new Uint8Array(FRAME_BYTES + body.length);
  record[0] = UINT_32;
  new DataView(record.buffer).setUint32(1, body.length);
  record.set(body, FRAME_BYTES);
  return record;
}

/** The length of the body that a frame declares; undefined if these bytes are no frame. */
export function decodeFrame(frame: Uint8Array): number | undefined {
  if (frame.length < FRAME_BYTES || frame[0] !== UINT_32) return undefined;
  const length = new DataView(frame.buffer, frame.byteOffset).getUint32(1);
  return length > 0 && length <= MAX_RECORD_BYTES ? length : undefined;
}

/**
 * Decodes the body of a record into plain values, of whatever shape they are.
 *
 * @throws RangeError if it is not one msgpack value.
 */
export function decodeBody(body: Uint8Array): unknown {
  assertOneValue(body);
  return unpackr.unpack(body);
}

/**
 * The `type` of an event, without decoding the rest: the first entry of the map.
 *
 * @param start the first bytes of a body; 40 are enough
 * @returns undefined if the body does not begin as an event does
 */
export function peekType(start: Uint8Array): string | undefined {
  let at = start[0] === 0xde ? 3 : start[0] === 0xdf ? 5 : 1;
  if (start[0] < 0x80 || (start[0] > 0x8f && start[0] !== 0xde && start[0] !== 0xdf)) return;
  const key = [0xa4, 0x74, 0x79, 0x70, 0x65]; // "type"
  for (const byte of key) if (start[at++] !== byte) return;
  const length = start[at++];
  if (length < 0xa0 || length > 0xbf) return;
  return String.fromCharCode(...start.subarray(at, at + (length & 0x1f)));
}
