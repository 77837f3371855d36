/**
 * Opens traces.
 *
 * @module
 */

import { TraceReader } from "../trace/reader.ts";
import { openByteSource } from "./files.ts";
import { piecesOf } from "./pieces.ts";

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
  return new TraceReader(piecesOf(file).map(openByteSource), file);
}
