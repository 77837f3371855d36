/**
 * Writes numbered events into a file until it is killed, or so many. Ready once it has printed a line.
 *
 * Arguments: the file, how many reads, and 0 to write it as softdirty does, or how many bytes to write
 * at once: a kernel may stop in the middle of a record when it kills, but hardly ever does.
 *
 * @module
 */

import { openSync, writeSync } from "node:fs";
import process from "node:process";
import { createByteSink } from "../../lib/files/sink_file.ts";
import type { ByteSink } from "../../lib/trace/byte_source.ts";
import { TraceWriter } from "../../lib/trace/writer.ts";
import { HEADER } from "../helpers/memory_trace.ts";
import { numberedClear, numberedRead } from "./numbered_events.ts";

function piecewise(path: string, pieceBytes: number): ByteSink {
  const descriptor = openSync(path, "wx");
  return {
    append(bytes) {
      for (let at = 0; at < bytes.length; at += pieceBytes) {
        writeSync(descriptor, bytes.subarray(at, at + pieceBytes));
      }
    },
  };
}

const [file, count, pieceBytes] = process.argv.slice(2);
const events = Array.from(
  { length: Number(count) },
  (_, i) => [numberedClear(i), numberedRead(i)] as const,
);
console.log("ready");
const sink = pieceBytes === "0" ? createByteSink(file) : piecewise(file, Number(pieceBytes));
const writer = new TraceWriter(sink, HEADER);
for (const [clear, read] of events) {
  writer.clear(clear);
  writer.read(read);
}
writer.finish();
