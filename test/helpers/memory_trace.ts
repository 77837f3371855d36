/**
 * Traces in memory.
 *
 * @module
 */

import { Snapshot } from "../../lib/core/snapshot.ts";
import type { ByteSink, ByteSource } from "../../lib/trace/byte_source.ts";
import { TraceReader } from "../../lib/trace/reader.ts";
import { FORMAT_NAME, FORMAT_VERSION, type HeaderEvent } from "../../lib/trace/schema.ts";
import { TraceWriter } from "../../lib/trace/writer.ts";

/** A header like those of real traces. */
export const HEADER: HeaderEvent = {
  type: "header",
  format: FORMAT_NAME,
  version: FORMAT_VERSION,
  writer: "softdirty test",
  originUnixMs: 1_700_000_000_000,
  host: { hostname: "drawn", kernelRelease: "6.1.0", arch: "x64", pageSizeBytes: 4096 },
  tracker: "soft-dirty",
  probe: {
    tracker: "soft-dirty",
    works: true,
    readBy: "pagemap",
    steps: [{ action: "write", expectedDirty: true, foundDirty: true }],
    reason: "",
    hint: "",
  },
};

/** A sink that keeps what it is given. */
export class MemorySink implements ByteSink {
  readonly records: Uint8Array[] = [];

  append(bytes: Uint8Array): void {
    this.records.push(bytes);
  }

  get bytes(): Uint8Array {
    const bytes = new Uint8Array(this.records.reduce((sum, record) => sum + record.length, 0));
    let at = 0;
    for (const record of this.records) {
      bytes.set(record, at);
      at += record.length;
    }
    return bytes;
  }
}

/** The bytes of a trace that `write` writes. */
export function traceBytes(write: (writer: TraceWriter) => void, header = HEADER): Uint8Array {
  const sink = new MemorySink();
  write(new TraceWriter(sink, header));
  return sink.bytes;
}

/** The events of a trace through the writer, into a file that has no index. */
export function rewritten(trace: TraceReader): Uint8Array {
  return traceBytes((writer) => {
    for (const event of trace.events()) {
      if (event instanceof Snapshot) writer.read(event);
      else if (event.type === "clear") writer.clear(event);
      else writer.note(event);
    }
  }, { ...trace.header, version: FORMAT_VERSION });
}

/** Bytes as a source that counts how much was read. */
export function memorySource(bytes: Uint8Array): ByteSource & { bytesRead: number } {
  return {
    sizeBytes: bytes.length,
    bytesRead: 0,
    read(position, lengthBytes) {
      const part = bytes.slice(position, position + lengthBytes);
      this.bytesRead += part.length;
      return part;
    },
  };
}

/** A reader over bytes. */
export function readerOf(bytes: Uint8Array): TraceReader {
  return new TraceReader(memorySource(bytes), "drawn.sdtrace");
}
