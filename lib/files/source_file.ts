/**
 * Trace files as the bytes that the trace room reads.
 *
 * @module
 */

import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { TraceError } from "../core/errors.ts";
import type { ByteSource } from "../trace/byte_source.ts";
import type { Closable } from "./sink.ts";
import { reasonOf } from "./system_reason.ts";

/**
 * Opens a trace for reading.
 *
 * @throws TraceError if there is no such file, or it must not be read.
 */
export function openByteSource(path: string): ByteSource & Closable {
  let file: number | undefined;
  try {
    // Without O_NONBLOCK, opening a pipe that has no writer would block for ever.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const status = fstatSync(file);
    if (!status.isFile()) throw new Error("not a regular file");
    return source(path, file, status.size);
  } catch (cause) {
    if (file !== undefined) closeSync(file);
    throw new TraceError(
      "cannot-open",
      path,
      `Cannot open ${path}: ${reasonOf(cause)}`,
      "Name a .sdtrace file that this user may read",
      { cause },
    );
  }
}

function source(path: string, file: number, sizeBytes: number): ByteSource & Closable {
  let isOpen = true;
  const read = readingAhead((position, lengthBytes) =>
    readRange(file, position, Math.max(0, Math.min(lengthBytes, sizeBytes - position)))
  );
  return {
    sizeBytes,
    read(position, lengthBytes) {
      // By now another file can have the descriptor.
      if (!isOpen) throw new TraceError("closed", path, `${path} was closed`, "Open it again");
      return read(position, lengthBytes);
    },
    close() {
      if (isOpen) closeSync(file);
      isOpen = false;
    },
  };
}

/** So much is read at once where a file is read from record to record. */
const AHEAD_BYTES = 1 << 18;
/** Larger reads are not worth it. */
const SMALL_BYTES = 1 << 14;

/** Reads more than is asked for where the last reads lay nearby: a record takes a call otherwise. */
function readingAhead(read: ByteSource["read"]): ByteSource["read"] {
  let ahead: Uint8Array = new Uint8Array(0);
  let from = 0;
  let last = -Infinity;
  return (position, lengthBytes) => {
    if (lengthBytes > SMALL_BYTES) return read(position, lengthBytes);
    const at = position - from;
    if (at >= 0 && at + lengthBytes <= ahead.length) {
      last = position;
      return ahead.subarray(at, at + lengthBytes);
    }
    const isNear = position >= last && position - last <= SMALL_BYTES;
    last = position;
    if (!isNear) return read(position, lengthBytes);
    ahead = read(position, AHEAD_BYTES);
    from = position;
    return ahead.subarray(0, lengthBytes);
  };
}

/** The bytes of an open file from a position on; fewer where it ends. */
export function readRange(file: number, position: number, lengthBytes: number): Uint8Array {
  const bytes = new Uint8Array(lengthBytes);
  let length = 0;
  while (length < lengthBytes) {
    const count = readSync(file, bytes, length, lengthBytes - length, position + length);
    if (count === 0) break;
    length += count;
  }
  return bytes.subarray(0, length);
}
