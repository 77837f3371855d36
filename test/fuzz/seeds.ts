/**
 * The recordings that mutants are made of.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { Snapshot } from "../../lib/core/snapshot.ts";
import { openTrace } from "../../lib/session/sd.ts";
import { FORMAT_VERSION } from "../../lib/trace/schema.ts";
import { TraceWriter } from "../../lib/trace/writer.ts";
import { clearAt, snapshot } from "../helpers/drawn_snapshot.ts";
import { MemorySink, traceBytes } from "../helpers/memory_trace.ts";
import { recordingFile, RECORDINGS } from "../helpers/recordings.ts";

/**
 * Each recording as it is committed, and written again with all that is read from it; and small traces
 * of every type of event, in which each byte is hit more often.
 */
export function seeds(): Uint8Array[] {
  const recorded = RECORDINGS.map(recordingFile).flatMap((file) => [
    new Uint8Array(readFileSync(file)),
    rewritten(file, false),
    rewritten(file, true),
  ]);
  return [...recorded, ...Array(SMALL_SHARE).fill([small(false), small(true)]).flat()];
}

/** So many times as likely as a recording. */
const SMALL_SHARE = 6;

/** Three processes that come and go, with mappings that change. */
function small(isFinished: boolean): Uint8Array {
  return traceBytes((writer) => {
    for (let i = 0; i < 20; i++) {
      const process = { pid: 40 + i % 3, startTimeTicks: 7, command: `p${i % 3}` };
      const atNs = i * 1e6;
      if (i < 3) writer.note({ type: i === 0 ? "found" : "fork", process, parentPid: 1, atNs });
      const drawn = snapshot(
        `0x10 rw-p [heap] DDp.s\n0x${20 + i} rw-p - ${"Dp".repeat(1 + i % 4)}`,
      );
      const sinceClear = { ...clearAt(atNs), process, vmas: i % 2 === 0 ? drawn.vmas : null };
      if (i === 9) writer.note({ type: "exec", process, atNs });
      writer.clear(sinceClear);
      const { vmas, pages } = drawn;
      writer.read(snapshot("0x10 rw-p - D", { process, vmas, pages, sinceClear, atNs: atNs + 5 }));
      if (i === 12) writer.note({ type: "mark", text: "between", atNs: atNs + 6 });
      const message = "what was found";
      if (i === 13) writer.note({ type: "warning", process, code: "any", message, atNs: atNs + 7 });
      if (i > 13) {
        writer.note({ type: "untracked", process, reason: "any", message, atNs: atNs + 8 });
      }
    }
    writer.note({ type: "exit", pid: 40, reason: "process-exited", atNs: 1e9 });
    if (isFinished) writer.finish();
  });
}

/** The same events in the newest version. */
function rewritten(file: string, isFinished: boolean): Uint8Array {
  const trace = openTrace(file);
  const sink = new MemorySink();
  const writer = new TraceWriter(sink, { ...trace.header, version: FORMAT_VERSION });
  for (const event of trace.events()) {
    if (event instanceof Snapshot) writer.read(event);
    else if (event.type === "clear") writer.clear(event);
    else writer.note(event);
  }
  if (isFinished) writer.finish();
  trace.close();
  return sink.bytes;
}
