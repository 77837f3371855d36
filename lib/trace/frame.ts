/**
 * Records as bytes: a msgpack `bin` of a checksum, a byte with the type, and a body.
 *
 * @module
 */

import { crc32c } from "./crc32c.ts";

/** The largest record that is read or written: some 100 million runs. */
export const MAX_RECORD_BYTES = 1 << 30;

/** The longest head of a frame: `bin 32`, and its length. */
export const MAX_HEAD_BYTES = 5;

/** Checksum and type. */
const PREFIX_BYTES = 5;

/** Where a record lies. */
export interface Frame {
  /** The byte after the checksum. */
  readonly type: number;
  /** From the start of the frame. */
  readonly bodyOffset: number;
  readonly bodyBytes: number;
  /** Of the whole frame. */
  readonly lengthBytes: number;
}

/** Bytes of a record. */
export function encodeFrame(type: number, body: Uint8Array): Uint8Array {
  const payloadBytes = PREFIX_BYTES + body.length;
  if (payloadBytes > MAX_RECORD_BYTES) {
    throw new RangeError(`A record of ${payloadBytes} bytes is larger than a trace can hold`);
  }
  const lengthSize = payloadBytes < 0x100 ? 1 : payloadBytes < 0x10000 ? 2 : 4;
  const bytes = new Uint8Array(1 + lengthSize + payloadBytes);
  const view = new DataView(bytes.buffer);
  bytes[0] = lengthSize === 1 ? 0xc4 : lengthSize === 2 ? 0xc5 : 0xc6;
  if (lengthSize === 1) bytes[1] = payloadBytes;
  else if (lengthSize === 2) view.setUint16(1, payloadBytes);
  else view.setUint32(1, payloadBytes);
  const payload = 1 + lengthSize;
  bytes[payload + 4] = type;
  bytes.set(body, payload + PREFIX_BYTES);
  view.setUint32(payload, crc32c(bytes.subarray(payload + 4)));
  return bytes;
}

/**
 * What a head declares; undefined if it is none of a frame. The checksum is not looked at.
 *
 * @param head the first bytes of the frame, {@linkcode MAX_HEAD_BYTES} and five more are enough
 */
export function parseFrame(head: Uint8Array): Frame | undefined {
  const lengthSize = head[0] === 0xc4 ? 1 : head[0] === 0xc5 ? 2 : head[0] === 0xc6 ? 4 : 0;
  const payload = 1 + lengthSize;
  if (lengthSize === 0 || head.length < payload + PREFIX_BYTES) return undefined;
  let payloadBytes = 0;
  for (let i = 1; i < payload; i++) payloadBytes = payloadBytes * 256 + head[i];
  if (payloadBytes < PREFIX_BYTES || payloadBytes > MAX_RECORD_BYTES) return undefined;
  return {
    type: head[payload + 4],
    bodyOffset: payload + PREFIX_BYTES,
    bodyBytes: payloadBytes - PREFIX_BYTES,
    lengthBytes: payload + payloadBytes,
  };
}

/** True if the checksum is that of the rest of the frame. */
export function isIntact(bytes: Uint8Array, { bodyOffset, lengthBytes }: Frame): boolean {
  const payload = bodyOffset - PREFIX_BYTES;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return view.getUint32(payload) === crc32c(bytes.subarray(payload + 4, lengthBytes));
}
