/**
 * Trace files as the byte streams that the trace room reads and appends to.
 *
 * @module
 */

import {
  closeSync,
  constants,
  existsSync,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { TraceError } from "../core/errors.ts";
import type { ByteSink, ByteSource } from "../trace/byte_source.ts";

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
 * Passes if there is nothing at that path, so that a trace can be made there.
 *
 * @throws TraceError otherwise.
 */
export function assertNewFile(path: string): void {
  if (!existsSync(path)) return;
  throw new TraceError(
    "cannot-write",
    path,
    `Cannot create ${path}: file already exists`,
    "A trace is never written over; name another file with -o FILE",
  );
}

/**
 * Creates a trace, readable by its owner alone because it tells about memory.
 *
 * A write that fails in the middle is taken back, so the file always ends with a whole record.
 *
 * @throws TraceError if the file exists or cannot be created.
 */
export function createByteSink(path: string): NewFile {
  const file = create(path);
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
    close: () => closeSync(file),
    discard() {
      closeSync(file);
      rmSync(path, { force: true });
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

function create(path: string): number {
  try {
    mkdirSync(dirname(path), { recursive: true });
    return openSync(path, "wx", 0o600);
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

/** The system's own words, without the call and the path that Node adds. */
export function reasonOf(cause: unknown): string {
  return (cause as Error).message.replace(/^[A-Z0-9]+: ([^,]+),.*$/s, "$1");
}
