/**
 * What a trace is written into: a file, or standard output.
 *
 * @module
 */

import type { ByteSink } from "../trace/byte_source.ts";

/** A file that is open until it is closed. */
export interface Closable {
  close(): void;
}

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
