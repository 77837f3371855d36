/**
 * Trace files as the byte streams that the trace room reads and appends to.
 *
 * @module
 */

import {
  closeSync,
  constants,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { TraceError } from "../core/errors.ts";
import type { ByteSink, ByteSource } from "../trace/byte_source.ts";
import { type OpenedFile, openNewFile } from "./new_file.ts";
import { STANDARD_OUTPUT } from "./outputs.ts";
import { standardOutputSink } from "./standard_output.ts";
import { reasonOf } from "./system_reason.ts";

export { reasonOf };

/** A file that is open until it is closed. */
export interface Closable {
  close(): void;
}

/** A trace in the making. */
export interface NewFile extends ByteSink, Closable {
  /** Waits until what was appended is on the disk. */
  sync(): void;
  /** Has what was appended written to the disk, and does not wait. */
  syncLater(): void;
  /** Closes it, and takes it away. */
  discard(): void;
}

/**
 * Opens a trace for reading.
 *
 * @throws TraceError if there is no such file, or it must not be read.
 */
export function openByteSource(path: string): ByteSource & Closable {
  let file: number | undefined;
  try {
    // A pipe that nobody writes to would hold an ordinary open for ever.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const status = fstatSync(file);
    if (!status.isFile()) throw new Error("not a regular file");
    return source(file, status.size);
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

function source(file: number, sizeBytes: number): ByteSource & Closable {
  return {
    sizeBytes,
    read: (position, lengthBytes) =>
      readRange(file, position, Math.max(0, Math.min(lengthBytes, sizeBytes - position))),
    close: () => closeSync(file),
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

/**
 * Creates a trace, readable by its owner alone because it tells about memory.
 *
 * A write that fails in the middle is taken back, so the file always ends with a whole record.
 *
 * @param path `-` stands for standard output, which is appended to
 * @param force replaces a file that is there, once the new one is closed
 * @throws TraceError if the file exists or cannot be created.
 */
export function createByteSink(path: string, force = false): NewFile {
  if (path === STANDARD_OUTPUT) return standardOutputSink();
  const opened = create(path, force);
  const file = opened.fd;
  let sizeBytes = 0;
  return {
    append(bytes) {
      try {
        for (let done = 0; done < bytes.length;) {
          done += writeSync(file, bytes, done, bytes.length - done, sizeBytes + done);
        }
        sizeBytes += bytes.length;
      } catch (cause) {
        takeBack(file, sizeBytes);
        throw new TraceError(
          "cannot-write",
          path,
          `Cannot append ${bytes.length} bytes to ${path}: ${reasonOf(cause)}`,
          `The ${sizeBytes} bytes before are whole; make room, or record elsewhere with -o FILE`,
          { cause },
        );
      }
    },
    sync: () => fdatasyncSync(file),
    // If it fails, so will the next append or the sync at the end.
    syncLater: () => fdatasync(file, () => {}),
    close() {
      closeSync(file);
      opened.publish();
    },
    discard() {
      closeSync(file);
      opened.discard();
    },
  };
}

/** What cannot be taken back is written over by what is appended next. */
function takeBack(file: number, sizeBytes: number): void {
  try {
    ftruncateSync(file, sizeBytes);
  } catch {
    // The disk may fail altogether; the error of the write is the one to tell.
  }
}

function create(path: string, force: boolean): OpenedFile {
  try {
    mkdirSync(dirname(path), { recursive: true });
    return openNewFile(path, force);
  } catch (cause) {
    throw new TraceError(
      "cannot-write",
      path,
      `Cannot create ${path}: ${reasonOf(cause)}`,
      "Name a new file in a folder that this user may write to, with -o FILE",
      { cause },
    );
  }
}
