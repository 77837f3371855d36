/**
 * A trace that is written in one go: whole, or not there.
 *
 * @module
 */

import { VERSION } from "../core/version.ts";
import { wellFormed } from "../core/plain_text.ts";
import type { ProbeStep } from "../core/probe_report.ts";
import { FORMAT_NAME, FORMAT_VERSION, type HeaderEvent } from "../trace/schema.ts";
import { TraceWriter } from "../trace/writer.ts";
import { createByteSink } from "./sink_file.ts";

/**
 * Creates a trace and has it written.
 *
 * @param output the file, or `-` for standard output
 * @param force replaces a file that is there, once the new one is whole
 * @throws TraceError if the file exists or cannot be written, and whatever `write` throws; then there
 * is no file
 */
export function writeNewTrace<T>(
  output: string,
  header: HeaderEvent,
  write: (writer: TraceWriter) => T,
  force = false,
): T {
  const file = createByteSink(output, force);
  try {
    const writer = new TraceWriter(file, header);
    const result = write(writer);
    writer.finish();
    file.sync();
    file.close();
    return result;
  } catch (error) {
    file.discard();
    throw error;
  }
}

/** What a header says of observations that were not made by this program. */
export interface ForeignOrigin {
  /** What they were made of, as in `CRIU's images`. */
  readonly source: string;
  readonly originUnixMs: number;
  readonly arch: string;
  readonly pageSizeBytes: number;
  /** What they themselves show of the kernel: that bits were set, and were not set after a clear. */
  readonly evidence: readonly ProbeStep[];
  /** The same in a sentence. */
  readonly reason: string;
}

/** The header of a trace that is made of what another program saw. No kernel was tried by this one. */
export function foreignHeader(origin: ForeignOrigin): HeaderEvent {
  const { source, originUnixMs, arch, pageSizeBytes, evidence, reason } = origin;
  return {
    type: "header",
    format: FORMAT_NAME,
    version: FORMAT_VERSION,
    writer: `softdirty ${VERSION}, import of ${source}`,
    originUnixMs,
    host: { hostname: "unknown", kernelRelease: "unknown", arch, pageSizeBytes },
    tracker: "soft-dirty",
    probe: {
      tracker: "soft-dirty",
      works: true,
      readBy: "pagemap",
      steps: evidence,
      reason,
      hint: "",
    },
  };
}

/** Appends remarks at the beginning, one for each text. */
export function writeMarks(writer: TraceWriter, texts: readonly string[]): void {
  for (const text of texts) writer.note({ type: "mark", text: wellFormed(text), atNs: 0 });
}
