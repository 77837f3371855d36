/**
 * Opens a file of whatever version it is.
 *
 * @module
 */

import { TraceError } from "../core/errors.ts";
import { decodeBody, plainType } from "./body.ts";
import type { ByteSource } from "./byte_source.ts";
import { fail, fields } from "./checks.ts";
import { Store1 } from "./format1/store1.ts";
import { isIntact, parseFrame } from "./frame.ts";
import { decodeHeader } from "./header_codec.ts";
import { FORMAT_NAME, FORMAT_VERSION, type HeaderEvent, RECORD_TYPES } from "./schema.ts";
import type { TraceStore } from "./store.ts";
import { Store2 } from "./store2.ts";

/** Files of version 1 begin with it: a msgpack `uint 32`. */
const VERSION_1 = 0xce;
const HEADER_BYTES = 1 << 16;

/** A file of a newer version. */
class NewerVersionError extends Error {
  readonly version: number;

  constructor(version: number) {
    super(`Version ${version} is newer than ${FORMAT_VERSION}`);
    this.version = version;
  }
}

/** What stands at the beginning of a file of version 2. */
export interface Beginning {
  readonly header: HeaderEvent;
  /** Where the records after it begin. */
  readonly bodyOffset: number;
}

/**
 * Finds what a file holds.
 *
 * @param name what errors call it
 * @throws TraceError if the bytes are not a trace, its header is damaged, or this program is too old.
 */
export function openStore(source: ByteSource, name: string): TraceStore {
  return typed(name, () => {
    const beginning = readBeginning(source);
    if (beginning !== undefined) {
      return new Store2(source, beginning.header, beginning.bodyOffset);
    }
    const store = new Store1(source);
    if (store.header.version > FORMAT_VERSION) throw new NewerVersionError(store.header.version);
    return store;
  });
}

/**
 * Reads the header; undefined if the file is of version 1.
 *
 * @throws TraceError as {@linkcode openStore} does.
 */
export function openBeginning(source: ByteSource, name: string): Beginning | undefined {
  return typed(name, () => readBeginning(source));
}

function readBeginning(source: ByteSource): Beginning | undefined {
  const bytes = source.read(0, HEADER_BYTES);
  if (bytes[0] === VERSION_1) return undefined;
  const frame = parseFrame(bytes);
  if (frame === undefined || frame.lengthBytes > bytes.length) fail("The file", "a trace");
  if (plainType(frame.type) !== RECORD_TYPES.header) fail("The first record", "a header");
  // Before anything is believed of it: the version may be what is damaged.
  if (!isIntact(bytes, frame)) fail("The checksum of the header", "that of its bytes");
  const value = decodeBody(frame.type, bytes.subarray(frame.bodyOffset, frame.lengthBytes));
  const { format, version } = fields(value, "The header");
  if (format === FORMAT_NAME && Number(version) > FORMAT_VERSION) {
    throw new NewerVersionError(Number(version));
  }
  return { header: decodeHeader(value), bodyOffset: frame.lengthBytes };
}

function typed<T>(name: string, open: () => T): T {
  try {
    return open();
  } catch (cause) {
    if (cause instanceof NewerVersionError) {
      throw new TraceError(
        "newer-version",
        name,
        `${name} has format version ${cause.version}; this program reads up to ${FORMAT_VERSION}`,
        "Update softdirty",
      );
    }
    if (!(cause instanceof RangeError)) throw cause;
    const message = `${name} is not a softdirty trace`;
    throw new TraceError("not-a-trace", name, message, cause.message, { cause });
  }
}
