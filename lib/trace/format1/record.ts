/**
 * Records of version 1: a msgpack `uint 32` with a length, then one msgpack map.
 *
 * @module
 */

import { addProblem, type ByteSource, type TraceProblem } from "../byte_source.ts";

/** `0xce` and four bytes, most significant first. */
const FRAME_BYTES = 5;
const MAX_RECORD_BYTES = 1 << 30;
const PEEK_BYTES = FRAME_BYTES + 40;
const CHUNK_BYTES = 1 << 16;

/** Where one record's body lies, and what its first field says it is. */
export interface RecordPosition {
  readonly type: string;
  readonly offset: number;
  readonly lengthBytes: number;
}

/** Walks the records to the end, or to where none begins. */
export function* walkRecords(
  source: ByteSource,
  problems: TraceProblem[],
): Generator<RecordPosition, void, void> {
  const { sizeBytes } = source;
  let chunk: Uint8Array = new Uint8Array(0);
  let chunkOffset = 0;
  for (let at = 0; at < sizeBytes;) {
    if (Math.min(at + PEEK_BYTES, sizeBytes) > chunkOffset + chunk.length) {
      chunk = source.read(at, CHUNK_BYTES);
      chunkOffset = at;
    }
    const start = chunk.subarray(at - chunkOffset, at - chunkOffset + PEEK_BYTES);
    const lengthBytes = lengthOf(start);
    const rest = sizeBytes - at;
    if (lengthBytes === undefined || lengthBytes > rest - FRAME_BYTES) {
      const isTorn = lengthBytes !== undefined || (start[0] === 0xce && rest < FRAME_BYTES);
      const reason = isTorn ? "the last record is incomplete" : "no record begins here";
      addProblem(problems, { offset: at, lengthBytes: rest, reason });
      return;
    }
    const offset = at + FRAME_BYTES;
    yield { type: peekType(start.subarray(FRAME_BYTES)) ?? "", offset, lengthBytes };
    at = offset + lengthBytes;
  }
}

/** The length that a frame declares; undefined if these bytes are no frame. */
function lengthOf(frame: Uint8Array): number | undefined {
  if (frame.length < FRAME_BYTES || frame[0] !== 0xce) return undefined;
  const length = new DataView(frame.buffer, frame.byteOffset).getUint32(1);
  return length > 0 && length <= MAX_RECORD_BYTES ? length : undefined;
}

/** The `type` of an event: the first entry of the map. */
function peekType(start: Uint8Array): string | undefined {
  let at = start[0] === 0xde ? 3 : start[0] === 0xdf ? 5 : 1;
  if (start[0] < 0x80 || (start[0] > 0x8f && start[0] !== 0xde && start[0] !== 0xdf)) return;
  const key = [0xa4, 0x74, 0x79, 0x70, 0x65]; // "type"
  for (const byte of key) if (start[at++] !== byte) return;
  const length = start[at++];
  if (length < 0xa0 || length > 0xbf) return;
  return String.fromCharCode(...start.subarray(at, at + (length & 0x1f)));
}
