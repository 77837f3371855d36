/**
 * Records with a body of any kind, also such as no writer writes.
 *
 * @module
 */

import { encode } from "@msgpack/msgpack";
import { FRAME_BYTES } from "../../lib/trace/record.ts";
import type { HeaderEvent } from "../../lib/trace/schema.ts";
import { HEADER } from "./memory_trace.ts";

/** Bytes of one record. */
export function record(body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(FRAME_BYTES + body.length);
  bytes[0] = 0xce;
  new DataView(bytes.buffer).setUint32(1, body.length);
  bytes.set(body, FRAME_BYTES);
  return bytes;
}

/** Bytes one after the other. */
export function join(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** A header with some fields changed. */
export function header(changes: Partial<Record<keyof HeaderEvent, unknown>> = {}): Uint8Array {
  return record(encode({ ...HEADER, ...changes }));
}
