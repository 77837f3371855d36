/**
 * Opens a file of whatever version it is.
 *
 * @module
 */

import { decodeBody, plainType } from "./body.ts";
import type { ByteSource } from "./byte_source.ts";
import { fail, fields } from "./checks.ts";
import { Store1 } from "./format1/store1.ts";
import { isIntact, parseFrame } from "./frame.ts";
import { decodeHeader } from "./header_codec.ts";
import { FORMAT_NAME, FORMAT_VERSION, RECORD_TYPES } from "./schema.ts";
import type { TraceStore } from "./store.ts";
import { Store2 } from "./store2.ts";

/** Files of version 1 begin with it: a msgpack `uint 32`. */
const VERSION_1 = 0xce;
const HEADER_BYTES = 1 << 16;

/** A file of a newer version. */
export class NewerVersionError extends Error {
  readonly version: number;

  constructor(version: number) {
    super(`Version ${version} is newer than ${FORMAT_VERSION}`);
    this.version = version;
  }
}

/**
 * Finds what a file holds.
 *
 * @throws NewerVersionError if this program is too old for it
 * @throws RangeError if the bytes are not a trace, or its header is damaged.
 */
export function openStore(source: ByteSource): TraceStore {
  const bytes = source.read(0, HEADER_BYTES);
  if (bytes[0] === VERSION_1) {
    const store = new Store1(source);
    if (store.header.version > FORMAT_VERSION) throw new NewerVersionError(store.header.version);
    return store;
  }
  const frame = parseFrame(bytes);
  if (frame === undefined || frame.lengthBytes > bytes.length) fail("The file", "a trace");
  if (plainType(frame.type) !== RECORD_TYPES.header) fail("The first record", "a header");
  const value = decodeBody(frame.type, bytes.subarray(frame.bodyOffset, frame.lengthBytes));
  const { format, version } = fields(value, "The header");
  if (format === FORMAT_NAME && Number(version) > FORMAT_VERSION) {
    throw new NewerVersionError(Number(version));
  }
  if (!isIntact(bytes, frame)) fail("The checksum of the header", "that of its bytes");
  return new Store2(source, decodeHeader(value), frame.lengthBytes);
}
