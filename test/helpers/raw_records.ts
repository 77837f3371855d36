/**
 * Records with a body of any kind, also such as no writer writes.
 *
 * @module
 */

import { encode } from "@msgpack/msgpack";
import { encodeFrame, parseFrame } from "../../lib/trace/frame.ts";
import { type HeaderEvent, RECORD_TYPES } from "../../lib/trace/schema.ts";
import { HEADER } from "./memory_trace.ts";

/** Bytes of one record. */
export function record(type: number, value: unknown): Uint8Array {
  return encodeFrame(type, encode(value));
}

/** A header with some fields changed. */
export function header(changes: Partial<Record<keyof HeaderEvent, unknown>> = {}): Uint8Array {
  return record(RECORD_TYPES.header, { ...HEADER, ...changes });
}

/** Bytes of one record of version 1. */
export function record1(body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(5 + body.length);
  bytes[0] = 0xce;
  new DataView(bytes.buffer).setUint32(1, body.length);
  bytes.set(body, 5);
  return bytes;
}

/** A header of version 1 with some fields changed. */
export function header1(changes: Partial<Record<keyof HeaderEvent, unknown>> = {}): Uint8Array {
  return record1(encode({ ...HEADER, version: 1, ...changes }));
}

/** Bytes one after the other. */
export function join(...parts: Uint8Array[]): Uint8Array {
  return joinAll(parts);
}

/** As {@linkcode join}, for more parts than a call may have arguments. */
export function joinAll(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Where the records of a trace end; the first of these is where it begins. */
export function endsOf(bytes: Uint8Array): number[] {
  const ends = [0];
  for (let at = 0; at < bytes.length;) {
    at += parseFrame(bytes.subarray(at))!.lengthBytes;
    ends.push(at);
  }
  return ends;
}
