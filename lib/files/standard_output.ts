/**
 * Standard output as a trace in the making: what is appended goes to a pipe or a file in order.
 *
 * @module
 */

import { fdatasync, fdatasyncSync, fstatSync, writeSync } from "node:fs";
import { TraceError } from "../core/errors.ts";
import type { NewFile } from "./sink.ts";
import { reasonOf } from "./system_reason.ts";

const FD = 1;
/** Between two tries to write into a pipe that is full. */
const FULL_MS = 5;

/**
 * Appends to standard output. It cannot be taken away again, and is not closed.
 *
 * @throws TraceError from `append`, if whoever reads it has gone, or a disk is full
 */
export function standardOutputSink(): NewFile {
  const isFile = fstatSync(FD).isFile();
  let lost: Error | undefined;
  const assertWhole = () => {
    if (lost !== undefined) throw cannotAppend(0, lost);
  };
  const sleeping = new Int32Array(new SharedArrayBuffer(4));
  return {
    assertWhole,
    append(bytes) {
      assertWhole();
      for (let done = 0; done < bytes.length;) {
        try {
          done += writeSync(FD, bytes, done, bytes.length - done);
        } catch (cause) {
          const { code } = cause as NodeJS.ErrnoException;
          if (code === "EAGAIN") Atomics.wait(sleeping, 0, 0, FULL_MS);
          else if (code !== "EINTR") throw cannotAppend(bytes.length, cause);
        }
      }
    },
    sync() {
      if (isFile) fdatasyncSync(FD);
    },
    syncLater() {
      if (isFile) fdatasync(FD, (error) => lost ??= error ?? undefined);
    },
    close() {},
    discard() {},
  };
}

function cannotAppend(length: number, cause: unknown): TraceError {
  return new TraceError(
    "cannot-write",
    "-",
    `Cannot append ${length} bytes to standard output: ${reasonOf(cause)}`,
    "What was written before is whole",
    { cause },
  );
}
