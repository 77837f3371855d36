/**
 * Everything that softdirty does with a trace.
 *
 * @module
 */

import { diffSnapshots } from "../../lib/core/diff.ts";
import { SoftdirtyError } from "../../lib/core/errors.ts";
import { filterByConditions } from "../../lib/core/filter.ts";
import { Snapshot } from "../../lib/core/snapshot.ts";
import { diffText } from "../../lib/report/diff_text.ts";
import { eventLine, traceText } from "../../lib/report/event_text.ts";
import { explanationText } from "../../lib/report/explanation_text.ts";
import { diffJson, eventJson, snapshotJson, traceJson } from "../../lib/report/json.ts";
import { runLines } from "../../lib/report/runs_text.ts";
import { snapshotText } from "../../lib/report/snapshot_text.ts";
import { TraceReader } from "../../lib/trace/reader.ts";
import { planRepair } from "../../lib/trace/repair.ts";
import { snapshotsOf } from "../../lib/trace/readable.ts";
import { memorySource } from "../helpers/memory_trace.ts";
import { ALL_MEASURES } from "./measure_all.ts";

/** One event in so many is reported in all ways, which takes longer than decoding it. */
const REPORTED = 3;

/** How it went. */
export type Outcome = "refused" | "all read" | "some damaged";

/**
 * Opens a trace and uses it as the commands info, log, filter, diff and repair do, and one of those
 * that measure.
 *
 * @throws whatever is thrown that is not one of softdirty's own errors.
 */
export function useAll(bytes: Uint8Array): Outcome {
  let trace: TraceReader;
  try {
    trace = new TraceReader(memorySource(bytes), "mutant");
  } catch (error) {
    return own(error, "refused");
  }
  let outcome: Outcome = trace.problems.length === 0 ? "all read" : "some damaged";
  const attempt = (use: () => void) => {
    try {
      use();
    } catch (error) {
      outcome = own(error, "some damaged");
    }
  };
  traceText(trace);
  JSON.stringify(traceJson(trace));
  attempt(() => {
    let count = 0;
    for (const event of trace.events(() => outcome = "some damaged")) {
      eventLine(event);
      if (count++ % REPORTED === 0) report(event);
    }
  });
  for (let i = trace.snapshotCount - 1; i >= 0; i -= 1 + (trace.snapshotCount >>> 3)) {
    attempt(() => trace.at(i));
  }
  attempt(() => {
    const diff = diffSnapshots(trace.at(0), trace.at(-1));
    diffText(diff);
    JSON.stringify(diffJson(diff));
  });
  // One of them for each trace: together they would take longer than all else.
  const measure = ALL_MEASURES[bytes.length % ALL_MEASURES.length];
  attempt(() => measure(snapshotsOf(trace, () => outcome = "some damaged")));
  trace.indexAt(1e9);
  trace.indexesOf(42);
  planRepair(memorySource(bytes), "mutant");
  return outcome;
}

function report(event: ReturnType<TraceReader["event"]>): void {
  JSON.stringify(eventJson(event));
  if (!(event instanceof Snapshot)) return;
  const part = filterByConditions(event, { perms: "w", minSizeBytes: 8192 });
  snapshotText(part);
  explanationText(event.explain());
  JSON.stringify(snapshotJson(part));
  [...runLines(part)];
}

/** Passes on what is not one of our errors. */
function own(error: unknown, outcome: Outcome): Outcome {
  if (error instanceof SoftdirtyError) return outcome;
  throw error;
}
