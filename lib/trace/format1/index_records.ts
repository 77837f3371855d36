/**
 * Finds where the records of a trace lie, without decoding them.
 *
 * @module
 */

import { decodeFrame, FRAME_BYTES, peekType } from "./record.ts";
import type { TraceEventType } from "./schema.ts";

/** Bytes that can be read at any position. */
export interface ByteSource {
  readonly sizeBytes: number;
  /** Up to `lengthBytes` bytes from `position`; fewer only at the end. */
  read(position: number, lengthBytes: number): Uint8Array;
  /** Gives up what the source holds. */
  close?(): void;
}

/** Where one record's body lies. */
export interface RecordPosition {
  readonly type: TraceEventType;
  readonly offset: number;
  readonly lengthBytes: number;
}

/** A part of a trace that could not be read. */
export interface TraceProblem {
  readonly offset: number;
  readonly lengthBytes: number;
  /** What is wrong with it, in a few words. */
  readonly reason: string;
}

const TYPES: ReadonlySet<string> = new Set<TraceEventType>([
  "header",
  "clear",
  "mappings",
  "read",
  "mark",
  "exit",
  "found",
  "fork",
  "exec",
]);

const PEEK_BYTES = FRAME_BYTES + 40;
const CHUNK_BYTES = 1 << 16;

/** Walks the frames to the end. Problems are handed over, not thrown: what is whole is read. */
export function* indexRecords(
  source: ByteSource,
  report: (problem: TraceProblem) => void,
): Generator<RecordPosition, void, void> {
  const { sizeBytes } = source;
  let chunk = new Uint8Array(0);
  let chunkOffset = 0;
  for (let at = 0; at < sizeBytes;) {
    if (Math.min(at + PEEK_BYTES, sizeBytes) > chunkOffset + chunk.length) {
      chunk = source.read(at, CHUNK_BYTES) as Uint8Array<ArrayBuffer>;
      chunkOffset = at;
    }
    const start = chunk.subarray(at - chunkOffset, at - chunkOffset + PEEK_BYTES);
    const lengthBytes = decodeFrame(start);
    const rest = sizeBytes - at;
    if (lengthBytes === undefined || lengthBytes > rest - FRAME_BYTES) {
      const isTorn = lengthBytes !== undefined || (start[0] === 0xce && rest < FRAME_BYTES);
      report({
        offset: at,
        lengthBytes: rest,
        reason: isTorn ? "the last record is incomplete" : "no record begins here",
      });
      return;
    }
    const offset = at + FRAME_BYTES;
    const type = peekType(start.subarray(FRAME_BYTES));
    if (type !== undefined && TYPES.has(type)) {
      yield { type: type as TraceEventType, offset, lengthBytes };
    } else report({ offset: at, lengthBytes: FRAME_BYTES + lengthBytes, reason: "unknown record" });
    at = offset + lengthBytes;
  }
}
