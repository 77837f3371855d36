/**
 * Opens traces.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { isTraceError } from "../core/errors.ts";
import type { ByteSource } from "../trace/byte_source.ts";
import { TraceReader } from "../trace/reader.ts";
import type { Closable } from "./sink.ts";
import { openByteSource } from "./source_file.ts";
import { segmentsOf } from "./segments.ts";

/**
 * Opens a trace for access in any order; one that was rotated is named as it was when it was recorded.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const trace = openTrace("recordings/traces/every7.sdtrace");
 * assert.equal(trace.snapshotCount, 3);
 * assert.equal(trace.at(-1).process.command, "deno");
 * ```
 *
 * @throws TraceError if the file cannot be read.
 */
export function openTrace(file: string): TraceReader {
  for (let attempt = 1;; attempt++) {
    const { files, missing } = segmentsOf(file);
    const sources: (ByteSource & Closable)[] = [];
    try {
      for (const one of files) sources.push(openByteSource(one));
      return new TraceReader(sources, file, { files, missing });
    } catch (error) {
      for (const source of sources) source.close();
      // A recorder with --keep may have removed a file since.
      const isGone = files.length > 1 && isTraceError(error, "cannot-open") &&
        !existsSync(error.file);
      if (!isGone || attempt === ATTEMPTS) throw error;
    }
  }
}

const ATTEMPTS = 5;
