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
  openSync,
  readSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { TraceError } from "../core/errors.ts";
import type { ByteSink, ByteSource } from "../trace/byte_source.ts";
import { makeFolder, type OpenedFile, openNewFile } from "./new_file.ts";
import { STANDARD_OUTPUT } from "./outputs.ts";
import { standardOutputSink } from "./standard_output.ts";
import { reasonOf } from "./system_reason.ts";

export { reasonOf };

/** A file that is open until it is closed. */
export interface Closable {
  close(): void;
}

/** Begins to bring a file to the disk. */
type BackgroundSync = (file: number, done: (error: Error | null) => void) => void;

/** A trace in the making. */
export interface NewFile extends ByteSink, Closable {
  /**
   * Waits until what was appended is on the disk.
   *
   * @throws TraceError if anything of it cannot be brought there.
   */
  sync(): void;
  /** Has what was appended written to the disk, and does not wait; the next call throws if that fails. */
  syncLater(): void;
  /**
   * Passes if the file is still there, with all that was appended.
   *
   * @throws TraceError otherwise, or if it could not be brought to the disk.
   */
  assertWhole(): void;
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

/**
 * An append looks whether the file is whole if nobody has for so long: it costs two system calls, which
 * is 4 % of a small snapshot.
 */
const LOOK_EACH_MS = 1000;

/**
 * Creates a trace, readable by its owner alone because it tells about memory.
 *
 * A write that fails in the middle is taken back, so the file always ends with a whole record. A file
 * that is deleted or cut while it is written fails a later call, the last one at the latest, and so does
 * a disk that fails.
 *
 * @param path `-` stands for standard output, which is appended to
 * @param force replaces a file that is there, once the new one is closed
 * @param syncInBackground is called back when it is done, and if it failed, with the error
 * @throws TraceError if the file exists or cannot be created.
 */
export function createByteSink(
  path: string,
  force = false,
  syncInBackground: BackgroundSync = fdatasync,
): NewFile {
  if (path === STANDARD_OUTPUT) return standardOutputSink();
  const opened = create(path, force);
  const file = opened.fd;
  const witness = openAgain(opened.path, file);
  let sizeBytes = 0;
  let first: number | undefined;
  let lost: unknown;
  let lookedMs = -Infinity;
  const assertWhole = () => {
    lookedMs = performance.now();
    if (lost !== undefined) throw notOnDisk(path, lost);
    const { nlink, size } = fstatSync(file);
    if (nlink === 0) throw changed(path, "it was deleted while it was recorded");
    if (size < sizeBytes) {
      throw changed(path, `it was cut to ${size} of ${sizeBytes} bytes while it was recorded`);
    }
    // What is appended after a cut makes the file as large again, with zeros at its beginning.
    if (first !== undefined && readRange(file, 0, 1)[0] !== first) {
      throw changed(path, "it was cut while it was recorded");
    }
  };
  return {
    assertWhole,
    append(bytes) {
      if (lost !== undefined || performance.now() - lookedMs > LOOK_EACH_MS) assertWhole();
      try {
        for (let done = 0; done < bytes.length;) {
          done += writeSync(file, bytes, done, bytes.length - done, sizeBytes + done);
        }
        sizeBytes += bytes.length;
        first ??= bytes[0];
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
    sync() {
      assertWhole();
      try {
        fdatasyncSync(witness);
      } catch (cause) {
        throw notOnDisk(path, lost = cause);
      }
    },
    syncLater: () => syncInBackground(file, (error) => lost ??= error ?? undefined),
    close() {
      close();
      opened.publish();
    },
    discard() {
      close();
      opened.discard();
    },
  };

  function close(): void {
    closeSync(file);
    if (witness !== file) closeSync(witness);
  }
}

/**
 * A second descriptor of a file. The kernel reports that data could not be written to each of them once: a
 * report that went to a sync in the background, which nobody has heard of yet, does not get lost.
 */
function openAgain(path: string, file: number): number {
  try {
    const again = openSync(path, "r+"); // some systems bring to the disk what can be written alone
    const [a, b] = [fstatSync(file), fstatSync(again)];
    if (a.ino === b.ino && a.dev === b.dev) return again;
    closeSync(again);
  } catch {
    // It can do without.
  }
  return file;
}

function notOnDisk(path: string, cause: unknown): TraceError {
  return new TraceError(
    "cannot-write",
    path,
    `Cannot bring ${path} to the disk: ${reasonOf(cause)}`,
    "What was recorded since the last sync may be lost; look at the disk, and record elsewhere",
    { cause },
  );
}

function changed(path: string, what: string): TraceError {
  return new TraceError(
    "cannot-write",
    path,
    `Cannot go on with ${path}: ${what}`,
    "A trace that is recorded must not be deleted or cut; --rotate and --keep bound its size",
  );
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
    makeFolder(dirname(path));
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
