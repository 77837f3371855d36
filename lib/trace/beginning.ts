/**
 * The header at the beginning of a file. It stands there twice: all that follows means nothing without
 * it, and so a damaged byte would take along the whole file.
 *
 * @module
 */

import { decodeBody, plainType } from "./body.ts";
import type { ByteSource, TraceProblem } from "./byte_source.ts";
import { fail, fields } from "./checks.ts";
import { type Frame, isIntact, parseFrame } from "./frame.ts";
import { decodeHeader } from "./header_codec.ts";
import { FORMAT_NAME, FORMAT_VERSION, type HeaderEvent, RECORD_TYPES } from "./schema.ts";

/** Files of version 1 begin with it: a msgpack `uint 32`. */
const VERSION_1 = 0xce;
/** The longest header. */
export const MAX_HEADER_BYTES = 1 << 16;

/** A file of a newer version. */
export class NewerVersionError extends Error {
  readonly version: number;

  constructor(version: number) {
    super(`Version ${version} is newer than ${FORMAT_VERSION}`);
    this.version = version;
  }
}

/** What stands at the beginning of a file of version 2. */
export interface Beginning {
  readonly header: HeaderEvent;
  /** Where the records after it begin; the first may be the header once more. */
  readonly bodyOffset: number;
  /** What is damaged of it. */
  readonly problems: readonly TraceProblem[];
}

/**
 * Reads the header; undefined if the file is of version 1.
 *
 * @throws RangeError if there is none, or NewerVersionError
 */
export function readBeginning(source: ByteSource): Beginning | undefined {
  const bytes = source.read(0, MAX_HEADER_BYTES * 2);
  if (bytes[0] === VERSION_1) return undefined;
  const first = parseFrame(bytes);
  // Before anything is believed of it: the version may be what is damaged.
  if (first !== undefined && isHeader(bytes, first)) return beginning(bytes, 0, first);
  for (let at = 1; at < Math.min(bytes.length, MAX_HEADER_BYTES); at++) {
    const rest = bytes.subarray(at);
    const frame = parseFrame(rest);
    if (frame !== undefined && isHeader(rest, frame)) return beginning(rest, at, frame);
  }
  return fail("The file", "a trace: no header that is whole is at its beginning");
}

function isHeader(bytes: Uint8Array, frame: Frame): boolean {
  return frame.lengthBytes <= Math.min(bytes.length, MAX_HEADER_BYTES) &&
    plainType(frame.type) === RECORD_TYPES.header && isIntact(bytes, frame);
}

function beginning(bytes: Uint8Array, offset: number, frame: Frame): Beginning {
  const value = decodeBody(frame.type, bytes.subarray(frame.bodyOffset, frame.lengthBytes));
  const { format, version } = fields(value, "The header");
  if (format === FORMAT_NAME && Number(version) > FORMAT_VERSION) {
    throw new NewerVersionError(Number(version));
  }
  const reason = "a damaged header; its copy was read";
  return {
    header: decodeHeader(value),
    bodyOffset: offset + frame.lengthBytes,
    problems: offset === 0 ? [] : [{ offset: 0, lengthBytes: offset, reason }],
  };
}
