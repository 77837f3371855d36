/**
 * Traces of version 2 as lists of records, to be changed and put together again.
 *
 * @module
 */

import { encodeFrame, parseFrame } from "../../lib/trace/frame.ts";
import { joinAll } from "../helpers/raw_records.ts";

/** The type byte and the body of a record. */
export interface RawRecord {
  readonly type: number;
  readonly body: Uint8Array;
}

/** The records of a file, as far as they follow one another. */
export function takeApart(bytes: Uint8Array): RawRecord[] {
  const records: RawRecord[] = [];
  for (let at = 0; at < bytes.length;) {
    const frame = parseFrame(bytes.subarray(at));
    if (frame === undefined || frame.lengthBytes > bytes.length - at) break;
    const { type, bodyOffset, lengthBytes } = frame;
    records.push({ type, body: bytes.slice(at + bodyOffset, at + lengthBytes) });
    at += lengthBytes;
  }
  return records;
}

/** A file of records, each with a checksum that is right. */
export function putTogether(records: readonly RawRecord[]): Uint8Array {
  return joinAll(records.map(({ type, body }) => encodeFrame(type, body)));
}
