/**
 * Trace files as they are written.
 *
 * @module
 */

import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  openSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { TraceError } from "../core/errors.ts";
import { makeFolder, type OpenedFile, openNewFile } from "./new_file.ts";
import { STANDARD_OUTPUT } from "./outputs.ts";
import type { NewFile } from "./sink.ts";
import { readRange } from "./source_file.ts";
import { standardOutputSink } from "./standard_output.ts";
import { reasonOf } from "./system_reason.ts";

/** Begins to bring a file to the disk. */
type BackgroundSync = (file: number, done: (error: Error | null) => void) => void;

/**
 * An append checks that the file is whole if the last check is older than this: a check takes two system
 * calls, which is 4 % of the time of a small snapshot.
 */
const LOOK_EACH_MS = 1000;

/**
 * Creates a trace, readable by its owner alone because it shows what memory holds.
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
 * A second descriptor of a file. The kernel reports a failed write-back once to each descriptor, so a
 * sync through this one reports it even if a background sync took the report of the other.
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
    `Cannot continue to write ${path}: ${what}`,
    "A trace that is recorded must not be deleted or cut; --rotate and --keep bound its size",
  );
}

/** Removes a torn record. If that fails, the next append writes over it. */
function takeBack(file: number, sizeBytes: number): void {
  try {
    ftruncateSync(file, sizeBytes);
  } catch {
    // The disk may fail altogether; the error of the write is the one to report.
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
