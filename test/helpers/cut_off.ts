/**
 * What must be so of a trace whose writer was killed.
 *
 * @module
 */

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { Snapshot } from "../../lib/core/snapshot.ts";
import { repairTrace } from "../../lib/files/repair_trace.ts";
import { openTrace } from "../../lib/session/sd.ts";
import { parseFrame } from "../../lib/trace/frame.ts";
import type { TraceReader } from "../../lib/trace/reader.ts";
import type { PlainEvent } from "../../lib/trace/schema.ts";

/** How the writer left it. */
export interface CutOff {
  readonly state: "no file" | "no header" | "torn" | "at the end of a record" | "finished";
  readonly events: readonly (PlainEvent | Snapshot)[];
}

/**
 * Opens the file, decodes all of it, and repairs it.
 *
 * @throws AssertionError if an event is missing or wrong, more than the last record is torn, or the
 * repaired file has not the same events.
 */
export function checkCutOff(file: string): CutOff {
  if (!existsSync(file)) return { state: "no file", events: [] };
  if (!hasHeader(readFileSync(file))) {
    assert.throws(() => openTrace(file), { code: "not-a-trace" });
    return { state: "no header", events: [] };
  }
  const { problems, isIndexed, events, sizeBytes } = whole(file);
  if (problems.length > 0) {
    assert.equal(problems.length, 1);
    assert.equal(problems[0].reason, "the last record is incomplete");
    assert.equal(problems[0].offset + problems[0].lengthBytes, sizeBytes);
  }
  checkOrder(events);
  const outcome = repairTrace(file);
  assert.equal(outcome.index, isIndexed ? "present" : "missing");
  assert.deepEqual(outcome.leftOut, problems);
  const repaired = whole(file);
  assert.deepEqual([repaired.isIndexed, repaired.problems], [true, []]);
  assert.deepEqual(repaired.events, events);
  const cut = problems.length > 0 ? "torn" : "at the end of a record";
  return { state: isIndexed ? "finished" : cut, events };
}

function hasHeader(bytes: Uint8Array): boolean {
  const frame = parseFrame(bytes);
  return frame !== undefined && frame.lengthBytes <= bytes.length;
}

function whole(file: string) {
  const trace: TraceReader = openTrace(file);
  try {
    const { problems, isIndexed, sizeBytes } = trace;
    return { problems, isIndexed, sizeBytes, events: [...trace.events()] };
  } finally {
    trace.close();
  }
}

/** A clear, then a read, a clear and so on, in the order of their times, and none left out. */
function checkOrder(events: CutOff["events"]): void {
  let reads = 0;
  let lastClear = -1;
  for (const [i, event] of events.entries()) {
    if (i > 0) assert(event.atNs >= events[i - 1].atNs, `event ${i} is before event ${i - 1}`);
    const isRead = event instanceof Snapshot;
    assert.equal(isRead, i % 2 === 1, `event ${i} is ${isRead ? "a read" : "none"}`);
    if (isRead) {
      assert.equal(event.index, reads++);
      assert.equal(event.sinceClear?.atNs, lastClear);
    } else {
      assert.equal(event.type, "clear");
      lastClear = event.atNs;
    }
  }
}
